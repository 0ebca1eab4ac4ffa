import { measured } from '../fixes/shops.ts';
import { ONE_ORDER, overPool, testRule } from './case.ts';

const shop = (pool: string) => overPool(pool, '/orders/:id', ONE_ORDER, measured(['db SELECT orders', 20]));
const made = (options: string, mark = ' // expect: missing-acquire-timeout') =>
  `export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10${options} });${mark}`;

testRule('missing-acquire-timeout', {
  remedy: 'set-acquire-timeout',
  cases: [
    { says: 'pg waits for ever unless it is told otherwise', state: 'weak', files: shop(made('')) },
    { says: 'for ever, in so many words', state: 'weak', files: shop(made(', connectionTimeoutMillis: 0')) },
    { says: 'two seconds', state: 'sound', files: shop(made('⟦, connectionTimeoutMillis: 2000⟧')) },
    { says: 'a time that comes from elsewhere', state: 'unknown', files: shop(made(', connectionTimeoutMillis: Number(process.env.PATIENCE)', '')) },
  ],
  story: {
    says: 'a larger pool that still waited for ever; with a limit of two seconds',
    before: shop(`// as many as the server may have
export const pool = new Pool({ // expect: missing-acquire-timeout
  connectionString: 'postgres://db:5432/shop',
  max: 50,
  idleTimeoutMillis: 10000,
});`),
    after: shop(`export const pool = new Pool({
  connectionString: 'postgres://db:5432/shop',
  max: 50,
  idleTimeoutMillis: 10000,
  connectionTimeoutMillis: 2000,
});`),
  },
});
