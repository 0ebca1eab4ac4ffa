import { typed } from '../../rules/fixes/shops.ts';
import fixes from '../../rules/fixes/event-loop-blocking.ts';
import type { Gate } from './gate.ts';
import { besideBlocking } from './strains.ts';

const shop = (dependencies: Record<string, string>, head: string, work: string, more = '') =>
  typed(
    { express: '^4.21.0', ...dependencies },
    {
      'src/server.ts': `import express from 'express';
${head}

const app = express();
app.post('/sessions', async (req, res) => {
  res.json(${work});
});
app.get('/prices', (req, res) => {
  res.json([1, 2, 3]);
});
${more}
app.listen(3000);
`,
    },
  );

export default {
  strain: besideBlocking,
  proofs: [
    // Those with routes beside the one that blocks.
    ...fixes.slice(0, 4),
    { says: 'bcryptjs', files: shop({ bcryptjs: '^2.4.3' }, "import bcrypt from 'bcryptjs';", 'await bcrypt.compare(req.body.password, req.body.hash)') },
    {
      says: 'a key of many iterations beside plain reads',
      files: shop(
        {},
        "import { pbkdf2Sync } from 'node:crypto';",
        "pbkdf2Sync(req.body.password, 'salt', 300_000, 32, 'sha256').toString('hex')",
        "app.get('/rates', (req, res) => {\n  res.json([4]);\n});",
      ),
    },
    { says: 'bcrypt in its blocking form, at a low cost', files: shop({ bcrypt: '^5.1.1' }, "import bcrypt from 'bcrypt';", 'bcrypt.hashSync(req.body.password, 8)') },
  ],
} satisfies Gate;
