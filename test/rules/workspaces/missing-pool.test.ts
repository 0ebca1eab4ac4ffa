import { service, testRule } from './case.ts';

const shop = (body: string, head = '', db = '') =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      ...(db && { 'src/db.ts': db }),
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
${head}

const app = express();
app.get('/orders/:id', async (req: Request, res: Response) => {
${body}
});
app.listen(3000);
`,
    },
  );
const URL = "connectionString: 'postgres://db:5432/shop'";
const ASK = "const { rows } = await client.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);";

const desk = (rest: string) =>
  service(
    { express: '^4.21.0', mysql2: '^3.12.0' },
    {
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { createConnection, createPool } from 'mysql2/promise';

const app = express();
${rest}
app.listen(3000);
`,
    },
  );

testRule('missing-pool', {
  remedy: 'keep-client',
  cases: [
    {
      says: 'a connection of its own for every request',
      state: 'weak',
      files: shop(
        `  const client = new Client({ ${URL} }); // expect: missing-pool
  await client.connect();
  ${ASK}
  await client.end();
  res.json(rows[0]);`,
        "import { Client } from 'pg';",
      ),
    },
    {
      says: 'a function that makes a pool each time it is called',
      state: 'weak',
      files: shop(
        `  const client = await clients.open();
  ${ASK}
  res.json(rows[0]);`,
        "import { clients } from './db.ts';",
        `import { Pool } from 'pg';

export const clients = {
  open: async () => new Pool({ ${URL} }), // expect: missing-pool
};
`,
      ),
    },
    {
      says: 'a pool that is made at first need, and kept',
      state: 'sound',
      files: shop(
        `  const client = open();
  ${ASK}
  res.json(rows[0]);`,
        "import { open } from './db.ts';",
        `import { Pool } from 'pg';

let pool: any;
export function open() {
  if (pool) return pool;
  const made = new Pool({ ${URL} }); // expect: missing-pool
  ⟦pool = made;⟧
  return made;
}
`,
      ),
    },
    {
      says: 'a server that the request chooses',
      state: 'unknown',
      files: shop(
        `  const client = new Client({ host: String(req.query.host) });
  await client.connect();
  ${ASK}
  await client.end();
  res.json(rows[0]);`,
        "import { Client } from 'pg';",
      ),
    },
    {
      says: 'a connection that listens',
      state: 'sound',
      files: shop(
        `  const client = new Client({ ${URL} }); // expect: missing-pool
  await client.connect();
  await client.query('⟦LISTEN orders; ⟧SELECT 1');
  res.end(req.params.id);`,
        "import { Client } from 'pg';",
      ),
    },
  ],
  story: {
    says: 'a connection to MySQL for every ticket that is looked at; a pool that all of them share',
    before: desk(`app.get('/tickets/:id', async (req: Request, res: Response) => {
  const connection = await createConnection({ host: 'db', user: 'desk', database: 'desk' }); // expect: missing-pool
  const [rows] = await connection.query('SELECT * FROM tickets WHERE id = ?', [req.params.id]);
  await connection.end();
  res.json(rows);
});`),
    after: desk(`const pool = createPool({ host: 'db', user: 'desk', database: 'desk', connectionLimit: 10, queueLimit: 100 });
app.get('/tickets/:id', async (req: Request, res: Response) => {
  const [rows] = await pool.query('SELECT * FROM tickets WHERE id = ?', [req.params.id]);
  res.json(rows);
});`),
  },
});
