import { topologyOf } from '../../inference/memory-workspace.ts';
import { typed } from '../../rules/fixes/shops.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

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
  strain: steady,
  improves: 'answers a second',
  proofs: [
    {
      says: 'bcryptjs',
      topology: () => topologyOf(shop({ bcryptjs: '^2.4.3' }, "import bcrypt from 'bcryptjs';", 'await bcrypt.compare(req.body.password, req.body.hash)')),
    },
    {
      says: 'a key of many iterations beside plain reads',
      topology: () =>
        topologyOf(
          shop(
            {},
            "import { pbkdf2Sync } from 'node:crypto';",
            "pbkdf2Sync(req.body.password, 'salt', 300_000, 32, 'sha256').toString('hex')",
            "app.get('/rates', (req, res) => {\n  res.json([4]);\n});",
          ),
        ),
    },
    {
      says: 'bcrypt in its blocking form, at a low cost',
      topology: () => topologyOf(shop({ bcrypt: '^5.1.1' }, "import bcrypt from 'bcrypt';", 'bcrypt.hashSync(req.body.password, 8)')),
    },
  ],
} satisfies Gate;
