import { compose } from '../fixes/shops.ts';
import { ONE_ORDER, overPool, testRule } from './case.ts';

const shop = (pool: string, replicas: number | string, more = '') => overPool(pool, '/orders/:id', ONE_ORDER, compose(more, `    deploy:\n      replicas: ${replicas}\n`));
const made = (max: string, mark = ' // expect: connection-budget', host = 'db') =>
  `export const pool = new Pool({ connectionString: 'postgres://${host}:5432/shop', connectionTimeoutMillis: 2000, max: ${max} });${mark}`;
const LOAD = { targetPerSecond: 10 };

testRule('connection-budget', {
  remedy: 'set-pool-max',
  cases: [
    { says: 'six replicas with twenty each, of a hundred', state: 'weak', scenario: LOAD, files: shop(made('20'), 6) },
    { says: 'six replicas with five each', state: 'sound', scenario: LOAD, files: shop(made('⟦5 ?? ⟧20'), 6) },
    { says: 'a size that comes from elsewhere', state: 'unknown', scenario: LOAD, files: shop(made('Number(process.env.POOL)', ''), 6) },
    { says: 'a server whose limit nobody knows', state: 'unknown', scenario: LOAD, files: shop(made('20', '', 'prod.example.eu-west-1.rds.amazonaws.com'), 6) },
  ],
  story: {
    says: 'eight instances with fifty connections each; a pooler between',
    scenario: LOAD,
    before: shop(made('50'), 8),
    after: shop(
      made('50', '', 'pgbouncer'),
      8,
      `
  pgbouncer:
    image: edoburu/pgbouncer:v1.24.0-p0
    environment:
      DATABASE_URL: postgres://postgres:secret@db:5432/shop
      POOL_MODE: transaction
      MAX_CLIENT_CONN: 1000
      DEFAULT_POOL_SIZE: 20
`,
    ),
  },
});
