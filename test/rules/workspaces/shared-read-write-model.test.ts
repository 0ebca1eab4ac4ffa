import { service, testRule } from './case.ts';

const COMPOSE = `services:
  api:
    build: .
    ports: ['3000:3000']
  db:
    image: postgres:16
    cpus: 2
`;
const shop = (body: string, write = "  await pool.query('INSERT INTO visits (page) VALUES ($1)', [req.body.page]);", path = '/stats') =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', 'lru-cache': '^11.0.0' },
    {
      'docker-compose.yml': COMPOSE,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ host: 'db', max: 50 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { pool } from './db.ts';

const cache = new LRUCache({ max: 500, ttl: 60_000 });
const app = express();
app.get('${path}', async (req: Request, res: Response) => {
${body}
});
app.post('/visits', async (req: Request, res: Response) => {
${write}
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );
const sum = (sql: string, values = '') => `  const found = await pool.query('${sql}'${values}); // expect: shared-read-write-model
  res.json(found.rows);`;
const quiet = (text: string) => text.replace(/ \/\/ expect.*/, '');
const BY_PAGE = 'SELECT page, count(*) FROM visits GROUP BY page';

const sequelize = (options: string) =>
  service(
    { express: '^4.21.0', sequelize: '^6.37.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': COMPOSE,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      'src/db.ts': `import { DataTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize('shop', '', '', { dialect: 'postgres', host: 'db', pool: { max: 50 } });
export const Sale = sequelize.define('Sale', { region: DataTypes.STRING, amount: DataTypes.INTEGER });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Sale } from './db.ts';

const app = express();
app.get('/sales/:region', async (req: Request, res: Response) => {
  const rows = await Sale.findAll({ attributes: ['region'], group: ['region']${options} }); // expect: shared-read-write-model
  res.json(rows);
});
app.post('/sales', async (req: Request, res: Response) => {
  await Sale.create({ region: req.body.region, amount: req.body.amount });
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );

testRule('shared-read-write-model', {
  remedy: 'add-read-model',
  cases: [
    { says: 'groups over all visits, with every request', state: 'weak', files: shop(sum(BY_PAGE)) },
    { says: 'a sum over a span of time', state: 'weak', files: shop(sum('SELECT sum(amount) FROM visits WHERE at > $1', ', [req.query.from]')) },
    { says: 'Sequelize with groups', state: 'weak', files: sequelize('') },
    {
      says: 'a cache answers most of them',
      state: 'sound',
      files: shop(`  ⟦const kept = cache.get('stats'); if (kept) return res.json(kept);⟧
  const found = await pool.query('${BY_PAGE}'); // expect: shared-read-write-model
  cache.set('stats', found.rows);
  res.json(found.rows);`),
    },
    { says: 'of the rows of one user', state: 'unknown', files: shop(quiet(sum('SELECT page, count(*) FROM visits WHERE user_id = $1 GROUP BY page', ', [req.query.user]'))) },
    {
      says: 'Sequelize: of one region',
      state: 'unknown',
      files: Object.fromEntries(Object.entries(sequelize(', where: { region: req.params.region }')).map(([file, text]) => [file, quiet(text)])),
    },
    { says: 'nobody writes the table here', state: 'unknown', files: shop(quiet(sum(BY_PAGE)), "  await pool.query('INSERT INTO orders (page) VALUES ($1)', [req.body.page]);") },
    { says: 'a count alone', state: 'unknown', files: shop(quiet(sum('SELECT count(*) FROM visits'))) },
    { says: 'for administrators', state: 'unknown', files: shop(quiet(sum(BY_PAGE)), undefined, '/admin/stats') },
    { says: 'a target that is carried', state: 'unknown', scenario: { targetPerSecond: 1 }, files: shop(quiet(sum(BY_PAGE))) },
    {
      says: 'joined with what nobody here knows to pick',
      state: 'unknown',
      files: shop(quiet(sum('SELECT p.name, count(*) FROM visits v JOIN pages p ON p.id = v.page WHERE p.owner = v.owner GROUP BY p.name'))),
    },
  ],
  story: {
    says: 'visits of each page, counted anew for everybody who looks; out of a view that is made once a minute',
    before: shop(sum(BY_PAGE)),
    after: shop(quiet(sum('SELECT page, visits FROM visits_by_page'))),
  },
});
