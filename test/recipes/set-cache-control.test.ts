import { describe, expect, it } from 'vitest';
import { applied } from './bench.ts';

describe('set-cache-control', () => {
  const route = (body: string): string => `import { Hono } from 'hono';\n\nconst app = new Hono();\napp.get('/products', async (c) => {\n${body}\n});\n`;
  const manifest = { 'package.json': '{ "name": "shop", "dependencies": { "hono": "^4.6.0" } }\n' };
  const cached = (body: string) => applied('set-cache-control', { file: 'a.ts', line: 4, seconds: 60 }, { ...manifest, 'a.ts': route(body) });

  it('behind what may fail', async () => {
    expect(await cached('  const all = await read();\n  return c.json(all);')).toEqual({
      ...manifest,
      'a.ts': route("  const all = await read();\n  c.header('Cache-Control', 'public, max-age=60, stale-while-revalidate=300');\n  return c.json(all);"),
    });
  });

  it.each([
    ['what answers is another function: by then the answer may be gone', '  return listProducts(c);', /made by a function that the handler calls/],
    ['the same, awaited', '  return await listProducts(c, 20);', /made by a function that the handler calls/],
    ['the client is sent elsewhere', '  const at = await read();\n  return c.redirect(at);', /sending the client elsewhere/],
    ['an error', '  return c.json({}, 404);', /ends with an error/],
  ])('refuses where %s', async (_says, body, because) => {
    expect(await cached(body)).toEqual({ cannot: expect.stringMatching(because) });
  });
});
