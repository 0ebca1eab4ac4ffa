import type { Fix } from './fix.ts';
import { compose, express, pgPool, POSTGRES, typed } from './shops.ts';

const list = `app.get('/products/:shelf', async (req: Request, res: Response) => {
  const { rows } = await pool.query('SELECT * FROM products WHERE shelf = $1', [req.params.shelf]);
  res.json(rows);
});`;
const replicas = (count: number): string => `    deploy:
      replicas: ${count}
`;
const SMALL = { targetPerSecond: 10 };

export default [
  {
    says: 'six replicas with twenty connections each',
    remedy: 'set-pool-max',
    files: typed(POSTGRES, { ...pgPool('max: 20,'), ...express(list), ...compose('', replicas(6)) }),
    scenario: SMALL,
    changes: ['+ api→db pool: pg max 15, timeout none, queue none', '- api→db pool: pg max 20, timeout none, queue none'],
  },
  {
    says: 'PgBouncer between',
    remedy: 'add-pgbouncer',
    files: typed(POSTGRES, {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ host: process.env.DB_HOST, user: 'postgres', max: 20 });
`,
      ...express(list),
      ...compose('', replicas(6)),
    }),
    scenario: SMALL,
    changes: [
      '+ api→db pool: pg max 20, timeout none, queue none, through pgbouncer→db pool',
      '+ gateway pgbouncer: pgbouncer, runtime, 1 × 1, accepts 240',
      '+ pgbouncer → db query',
      '+ pgbouncer→db pool: pgbouncer max 90, timeout 120000, queue none',
      '- api→db pool: pg max 20, timeout none, queue none',
    ],
  },
] satisfies readonly Fix[];
