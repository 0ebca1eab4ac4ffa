import { describe, expect, it } from 'vitest';
import { deployablesOf, inProcessOf } from '../../src/report/deployables.ts';
import { callsOf, componentsOf, topologyOf } from '../inference/memory-workspace.ts';

const both = {
  'package.json': JSON.stringify({ name: 'shop', main: 'index.js', dependencies: { express: '4', bullmq: '5', pg: '8' } }),
  'index.js': `const { Queue, Worker } = require('bullmq'); const { Pool } = require('pg');
const connection = { host: 'redis' }; const queue = new Queue('mail', { connection }); const pool = new Pool({ host: 'db' });
new Worker('mail', async () => { await pool.query('UPDATE mails SET sent = true'); }, { connection });
const app = require('express')(); app.post('/mail', async (q, s) => { await queue.add('m', {}); s.end(); }); app.listen(3000);`,
};

describe('what is deployed', () => {
  it('a worker in the process of a server is a part of it, and what it does counts for its host', async () => {
    const topology = await topologyOf(both);
    expect(componentsOf(topology)).toEqual(['db database', 'mail-worker worker', 'redis queue', 'shop service']);
    const deployed = deployablesOf(topology);
    expect(componentsOf(deployed)).toEqual(['db database', 'redis queue', 'shop service']);
    expect(callsOf(deployed)).toEqual(['shop consume redis', 'shop publish redis', 'shop query db']);
    expect(deployed.channels).toMatchObject([{ producers: [{ component: 'shop' }], consumers: [{ component: 'shop' }] }]);
    expect(new Set(deployed.endpoints.map((it) => it.component))).toEqual(new Set(['shop']));
    expect(inProcessOf(topology, 'shop')).toEqual(['mail-worker']);
  });

  it('a topology without such workers stays as it is', async () => {
    const topology = await topologyOf({ ...both, 'index.js': `const app = require('express')(); app.get('/', (q, s) => s.end()); app.listen(1);` });
    expect(deployablesOf(topology)).toBe(topology);
  });
});
