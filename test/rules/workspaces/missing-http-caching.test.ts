import { expect, it } from 'vitest';
import { analyse } from '../../../src/pipeline.ts';
import { memoryWorkspace } from '../../inference/memory-workspace.ts';
import { judged, service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const shop = (framework: 'fastify' | 'express', body: string, dependencies: Record<string, string> = {}): Files =>
  service(
    { [framework]: framework === 'fastify' ? '^5.2.0' : '^4.21.0', pg: '^8.13.0', ...dependencies },
    {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`,
      'src/server.ts': `import ${framework} from '${framework}';
import { pool } from './db.ts';

const app = ${framework}();
app.get( // expect: missing-http-caching
  '/products',
  async (request, reply) => {
${body}
  },
);
app.listen(${framework === 'fastify' ? '{ port: 3000 }' : '3000'});
`,
    },
  );
const LIST = "  const { rows } = await pool.query('SELECT name FROM products ORDER BY name LIMIT 20');\n";
const quiet = (files: Files): Files => Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replace(/ \/\/ expect.*/, '')]));

testRule('missing-http-caching', {
  remedy: 'set-cache-control',
  cases: [
    { says: 'a list that everybody may see', state: 'weak', files: shop('fastify', `${LIST}  return rows;`) },
    { says: 'it may be kept for a minute', state: 'sound', files: shop('fastify', `${LIST}  ⟦reply.header('Cache-Control', 'public, max-age=60');⟧\n  return rows;`) },
    { says: 'it must be new', state: 'sound', files: shop('fastify', `${LIST}  ⟦reply.headers({ 'cache-control': 'no-store' });⟧\n  return rows;`) },
    { says: 'it depends on who asks', state: 'unknown', files: quiet(shop('fastify', `  const who = request.headers.authorization;\n${LIST}  return who ? rows : [];`)) },
    {
      says: 'a header that tells who asks',
      state: 'unknown',
      files: quiet(shop('fastify', `  if (request.get('Authorization') !== process.env.SECRET) throw new Error();\n${LIST}  return rows;`)),
    },
    {
      says: 'a visit is noted down: an answer of somebody else does not',
      state: 'unknown',
      files: quiet(shop('fastify', `  await pool.query('UPDATE visits SET seen = seen + 1');\n${LIST}  return rows;`)),
    },
    { says: 'a program that knows its clients', state: 'unknown', files: quiet(shop('fastify', `${LIST}  return rows;`, { '@fastify/session': '^11.0.0' })) },
  ],
  story: {
    says: 'every view of the same list asks the service anew; for a minute it need not',
    before: shop('fastify', `${LIST}  return rows;`),
    after: shop('fastify', `${LIST}  reply.header('Cache-Control', 'public, max-age=60, stale-while-revalidate=300');\n  return rows;`),
  },
});

it('is an item of the readiness list, never a finding', async () => {
  const { advice } = await analyse(memoryWorkspace(shop('fastify', `${LIST}  return rows;`)));
  expect(advice.findings.map((one) => one.rule)).not.toContain('missing-http-caching');
  expect(advice.readiness?.map((one) => `${one.layer} ${one.rule} ${one.place.file}:${one.place.line} ${one.remedies[0]?.title.split(':')[0]}`)).toEqual([
    'cache missing-http-caching src/server.ts:5 Let answers of GET /products be kept for 60 s',
  ]);
});

it('finds nothing missing in Express, which marks its answers itself', async () => {
  const found = await judged(quiet(shop('express', `${LIST}  reply.json(rows);`)), 'missing-http-caching');
  expect(found.map((one) => one.state)).toEqual(['sound']);
});
