import { overPool, testRule } from './case.ts';

const READ = `const { rows } = await pool.query('SELECT * FROM products WHERE shelf = $1', [req.params.shelf]);`;

/** A shop over one pool of a database with 64 cores, whose query was measured at 20 ms. */
const shop = (pool: string) =>
  overPool(pool, '/products/:shelf', [READ, 'res.json(rows);'], {
    'faultline.json': JSON.stringify({
      measurements: [
        { input: 'db SELECT products', value: 20, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' },
        { input: 'parallelism db', value: 64, unit: 'cores', source: 'nproc', at: '2026-11-02' },
      ],
    }),
  });
const made = (max: string, mark = ' // expect: pool-saturation') =>
  `export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000, ${max} });${mark}`;
const LOAD = { targetPerSecond: 500 };

testRule('pool-saturation', {
  remedy: 'set-pool-max',
  cases: [
    { says: 'four connections for 500 queries of 20 ms a second', state: 'weak', scenario: LOAD, files: shop(made('max: 4')) },
    {
      says: 'the size that the library comes with',
      state: 'weak',
      scenario: LOAD,
      files: shop(`export const pool = new Pool({ // expect: pool-saturation
  connectionString: 'postgres://db:5432/shop',
});`),
    },
    { says: 'connections for all of them', state: 'sound', scenario: LOAD, files: shop(made('max: 4⟦0⟧')) },
    { says: 'a size that comes from elsewhere', state: 'unknown', scenario: LOAD, files: shop(made('max: Number(process.env.POOL)', '')) },
  ],
  story: {
    says: 'ten connections seemed enough until everybody came; fifty are what the server has cores for',
    scenario: { targetPerSecond: 1000 },
    before: shop(made('max: 10, idleTimeoutMillis: 10000')),
    after: shop(made('max: 50, idleTimeoutMillis: 10000', '')),
  },
});
