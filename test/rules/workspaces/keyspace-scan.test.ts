import { service, testRule } from './case.ts';

const app = (library: 'ioredis' | 'redis', body: string, rest = '') =>
  service(
    { express: '^4.21.0', [library]: library === 'redis' ? '^4.7.0' : '^5.4.0' },
    {
      'src/redis.ts':
        library === 'redis'
          ? `import { createClient } from 'redis';

export const redis = createClient({ url: 'redis://cache:6379' });
`
          : `import Redis from 'ioredis';

export const redis = new Redis('redis://cache:6379');
`,
      'src/server.ts': `import express from 'express';
import { redis } from './redis.ts';

const app = express();
app.delete('/users/:id/cache', async (req, res) => {
${body}
  res.end();
});
${rest}
app.listen(3000);
`,
    },
  );

testRule('keyspace-scan', {
  remedy: 'keep-index',
  cases: [
    {
      says: 'all keys of a user, to drop them',
      state: 'weak',
      files: app(
        'ioredis',
        `  const keys = await redis.keys(\`user:\${req.params.id}:*\`); // expect: keyspace-scan
  await redis.del(keys);`,
      ),
    },
    {
      says: 'piece by piece',
      state: 'weak',
      files: app(
        'redis',
        `  for await (const key of redis.scanIterator({ MATCH: 'user:*' })) { // expect: keyspace-scan
    await redis.del(key);
  }`,
      ),
    },
    {
      says: 'page by page',
      state: 'weak',
      files: app(
        'ioredis',
        `  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', 'user:*', 'COUNT', 100); // expect: keyspace-scan
    cursor = next;
    await redis.del(keys);
  } while (cursor !== '0');`,
      ),
    },
    {
      says: 'the fields of one hash',
      state: 'sound',
      files: app(
        'ioredis',
        `  const fields = await redis.⟦h⟧keys('users'); // expect: keyspace-scan
  await redis.del(fields);`,
      ),
    },
    {
      says: 'a timer',
      state: 'unknown',
      files: app('ioredis', '', `setInterval(async () => {\n  const keys = await redis.keys('session:*');\n  await redis.del(keys);\n}, 60_000);`),
    },
  ],
  story: {
    says: 'all keys are looked at to drop those of one user; a set knows them',
    before: app(
      'ioredis',
      `  const keys = await redis.keys(\`basket:\${req.params.id}:*\`); // expect: keyspace-scan
  if (keys.length > 0) await redis.del(keys);`,
    ),
    after: app(
      'ioredis',
      `  const keys = await redis.smembers(\`baskets:\${req.params.id}\`);
  if (keys.length > 0) await redis.del([...keys, \`baskets:\${req.params.id}\`]);`,
    ),
  },
});
