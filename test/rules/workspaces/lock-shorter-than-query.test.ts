import { service, testRule } from './case.ts';

const jobs = (take: string, give: string, { pool = 'statement_timeout: 30_000', work = "await pool.query('UPDATE accounts SET balance = balance + 1');" } = {}) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ioredis: '^5.4.0', redlock: '^5.0.0-beta.2' },
    {
      'src/stores.ts': `import { Pool } from 'pg';
import Redis from 'ioredis';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', ${pool} });
export const redis = new Redis('redis://redis:6379');
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool, redis } from './stores.ts';

const app = express();
app.post('/close', async (req: Request, res: Response) => {
  ${take}
  if (!isMine) return res.status(409).end();
  ${work}
  ${give}
  res.end();
});
app.listen(3000);
`,
    },
  );
const TAKE = "const isMine = await redis.set('close:lock', 'me', 'PX', 5000, 'NX'); // expect: lock-shorter-than-query";
const GIVE = "await redis.del('close:lock');";
const plain = (text: string): string => text.replace(/ \/\/.*/, '');

testRule('lock-shorter-than-query', {
  remedy: 'set-lock-ttl',
  cases: [
    { says: 'five seconds before a query of thirty', state: 'weak', files: jobs(TAKE, GIVE) },
    {
      says: 'seconds, and a request with a deadline',
      state: 'weak',
      files: jobs(TAKE.replace("'PX', 5000", "'EX', 5"), GIVE, {
        work: "await fetch('https://api.bank.example.com/close', { method: 'POST', signal: AbortSignal.timeout(8000) });",
      }),
    },
    { says: 'longer than the query', state: 'sound', files: jobs(TAKE.replace('5000', '6⟦0⟧000'), GIVE) },
    { says: 'prolonged meanwhile', state: 'sound', files: jobs(TAKE, `⟦await redis.pexpire('close:lock', 60_000);⟧ ${GIVE}`) },
    { says: 'a query without a deadline', state: 'unknown', files: jobs(plain(TAKE), GIVE, { pool: 'max: 10' }) },
    { says: 'a key that only runs out', state: 'unknown', files: jobs(plain(TAKE), 'void 0;') },
  ],
  story: {
    says: 'a lock of five seconds before a load that may take thirty; one of thirty-five',
    before: jobs("const isMine = await redis.set('lock:sales', '1', 'EX', 5, 'NX'); // expect: lock-shorter-than-query", "await redis.del('lock:sales');", {
      work: "await redis.setex('sales', 3600, JSON.stringify(await pool.query('SELECT region, sum(amount) FROM sales GROUP BY region')));",
    }),
    after: jobs("const isMine = await redis.set('lock:sales', '1', 'EX', 35, 'NX');", "await redis.del('lock:sales');", {
      work: "await redis.setex('sales', 3600, JSON.stringify(await pool.query('SELECT region, sum(amount) FROM sales GROUP BY region')));",
    }),
  },
});
