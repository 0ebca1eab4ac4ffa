import { describe, expect, it } from 'vitest';
import { service, topologyOf } from './memory-workspace.ts';

const max = async (library: string, code: string): Promise<unknown> => {
  const topology = await topologyOf(
    service(
      { express: '5', pg: '8', [library]: '4' },
      {
        'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const merge = require('${library}'); const app = express();
const own = { pool: { max: 4, min: 1 }, host: 'db' };
${code}
const pool = new Pool({ host: 'db', ...config.pool }); app.get('/a', async (q, s) => s.json(await pool.query('SELECT 1 FROM a'))); app.listen(1);`,
      },
    ),
  );
  const found = topology.pools[0]?.max;
  return found?.state === 'known' ? found.value : found?.state;
};

describe('settings that a library lays over one another', () => {
  it.each<[string, string, string, unknown]>([
    ['the later one counts', 'deepmerge', `const config = merge(own, { pool: { max: 9 } });`, 9],
    ['what it does not say stays', 'deepmerge', `const config = merge(own, { pool: { min: 2 } });`, 4],
    ['a list of them', 'deepmerge', `const config = merge.all([own, {}, { pool: { max: 7 } }].filter((it) => it));`, 7],
    ['one that is not there', 'deepmerge', `const start = (given) => merge.all([own, given]); const config = start();`, 4],
    ['one that cannot be read', 'deepmerge', `const config = merge(own, require('unheard-of').settings());`, 'unknown'],
    ['the first one counts', 'defu', `const config = merge({ pool: { max: 9 } }, own);`, 9],
    ['lodash', 'lodash', `const config = merge.merge({}, own, { pool: { max: 6 } });`, 6],
    ['lodash by its defaults', 'lodash', `const config = merge.defaultsDeep({ pool: { min: 2 } }, own);`, 4],
    ['lodash.merge', 'lodash.merge', `const config = merge({}, own, { pool: { max: 6 } });`, 6],
  ])('%s: %s', async (_what, library, code, expected) => expect(await max(library, code)).toBe(expected));

  it('what they are made of stays as it was', async () => expect(await max('deepmerge', `merge(own, { pool: { max: 9 } }); const config = own;`)).toBe(4));
});
