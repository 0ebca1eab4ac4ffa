import { describe, expect, it } from 'vitest';
import { applied, type Files } from './bench.ts';

const shop = (options: string, read = ''): Files => ({
  'package.json': JSON.stringify({ name: 'shop', dependencies: { typeorm: '^0.3.20', pg: '^8.13.0' } }),
  'docker-compose.yml': `services:
  api:
    build: .
    environment:
      DATABASE_URL: postgres://shop:secret@db:5432/shop
    depends_on: [db]
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: secret
`,
  'db.ts': `import { DataSource } from 'typeorm';\nexport const db = new DataSource({ type: 'postgres', ${options} });\n${read}`,
});
const run = (options: string, read?: string): Promise<Files | { cannot: string }> =>
  applied(
    'add-read-replica',
    { library: 'typeorm', file: 'db.ts', line: 2, compose: 'docker-compose.yml', store: 'db', copies: 1, moves: '', stays: read === undefined ? '' : 'db.ts:3' },
    shop(options, read),
  );
const [URL, OTHER] = ['process.env.DATABASE_URL', 'process.env.DATABASE_REPLICA_URL ?? process.env.DATABASE_URL'];

describe('replicas of TypeORM', () => {
  it.each([
    ['an address', `url: ${URL}`, `replication: { master: { url: ${URL} }, slaves: [{ url: ${OTHER} }] } }`],
    ['an address before others', `url: ${URL}, poolSize: 5`, `slaves: [{ url: ${OTHER} }] }, poolSize: 5 }`],
    [
      'its parts between others',
      "host: 'db', poolSize: 5, port: 5432",
      "replication: { master: { host: 'db', port: 5432 }, slaves: [{ host: 'db-replica', port: 5432 }] }, poolSize: 5 }",
    ],
  ])('%s', async (_says, options, wanted) => expect(((await run(options)) as Files)['db.ts']).toContain(wanted));

  it('leaves a read that must be new where it is inside of a transaction', async () =>
    expect(((await run(`url: ${URL}`, 'await db.transaction(async (all) => all.findOneBy(Stock, { id: 1 }));\n')) as Files)['db.ts']).toContain(OTHER));

  it.each<[string, string, RegExp, string?]>([
    ['a read that must be new', `url: ${URL}`, /must be new/, 'await db.manager.findOneBy(Stock, { id: 1 });\n'],
    ['one that has replicas', `replication: { master: { url: ${URL} }, slaves: [] }`, /has replicas already/],
    ['options from elsewhere', '...usual', /not among the options of the data source/],
    ['a comment that would go', `url: ${URL}, // ours\n  /* theirs */ port: 5432`, /a comment of db.ts/],
  ])('refuses %s', async (_says, options, why, read) => expect(await run(options, read)).toEqual({ cannot: expect.stringMatching(why) }));
});
