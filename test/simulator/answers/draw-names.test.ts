import { describe, expect, it } from 'vitest';
import { infer } from '../../../src/inference/infer.ts';
import { scenarioOf } from '../../../src/inference/project.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { pairedRates } from '../../../src/report/paired-rates.ts';
import { drawNames } from '../../../src/simulator/answers/draw-names.ts';
import { type Assumed, drawColumns } from '../../../src/simulator/answers/ranges.ts';
import { ask } from '../../../src/simulator/solve/ask.ts';
import { assess } from '../../../src/simulator/index.ts';
import { memoryWorkspace, service } from '../../inference/memory-workspace.ts';

const HEAD = "const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const app = require('express')();";
const ORDERS = "app.get('/orders', async (q, s) => { for (const it of q.body.ids) await pool.query('SELECT * FROM orders WHERE id = $1', [it]); s.json(1); });";
const USERS = "app.get('/users', async (q, s) => s.json(await pool.query('SELECT * FROM users')));";
const REDIS = "const Redis = require('ioredis'); const redis = new Redis('redis://cache:6379'); app.get('/views', async (q, s) => s.json(await redis.get('views')));";
const EXTRA = "app.get('/tags', async (q, s) => { for (const it of q.body.ids) await pool.query('SELECT * FROM tags WHERE id = $1', [it]); s.json(1); });";

const workspace = (lines: readonly string[]) =>
  memoryWorkspace(service({ express: '4', pg: '8', ioredis: '5' }, { 'src/index.js': [HEAD, ...lines, 'app.listen(1);'].join('\n') }));
const topologyOf = async (lines: readonly string[]): Promise<Topology> => (await infer(workspace(lines))).topology;

/** Values of each assumed input by its label; loops are left out, for their label is a line, which may move. */
function drawn(topology: Topology): Map<string, readonly number[]> {
  const { compiled } = ask(topology, scenarioOf({}, topology));
  return new Map(
    drawColumns(compiled.topology, 1).flatMap(({ input, values }) => (input.id.startsWith('times ') ? [] : [[input.label, values.map(besideTheMiddle(input))] as const])),
  );
}

/** An equal share is less beside more routes: a draw of it is so many times the odds of the middle. */
const besideTheMiddle =
  ({ id, value: { range } }: Assumed) =>
  (it: number): number => {
    const odds = (share: number): number => share / (1 - share);
    return id.startsWith('share ') ? Number((odds(it) / Math.sqrt(odds(range[0]) * odds(range[1]))).toPrecision(9)) : it;
  };

describe('inputs that a change does not touch keep their draws', () => {
  it.each<[string, readonly string[]]>([
    ['a store before all others', [REDIS, ORDERS, USERS]],
    ['lines above', ['', '', '// a comment', ORDERS, USERS]],
    ['another query in a loop, further down', [ORDERS, USERS, EXTRA]],
    ['another query in a loop, further up', [EXTRA, ORDERS, USERS]],
    ['a route that is gone', [ORDERS]],
  ])('%s', async (_name, lines) => {
    const [before, after] = [drawn(await topologyOf([ORDERS, USERS])), drawn(await topologyOf(lines))];
    const both = [...before.keys()].filter((it) => after.has(it));
    expect(both).toEqual(expect.arrayContaining(['SELECT orders holds a connection', 'CPU time of request handling in app', 'operations at once in db']));
    for (const label of both) expect(after.get(label), label).toEqual(before.get(label));
  });

  it('a loop is known by its file and what it does first, wherever it stands', async () => {
    const loopIn = async (lines: readonly string[]): Promise<string[]> => {
      const topology = await topologyOf(lines);
      const line = 2 + lines.indexOf(ORDERS);
      return [drawNames(topology)(`times src/index.js:${line}`)];
    };
    expect(await loopIn([EXTRA, '', ORDERS])).toEqual(await loopIn([ORDERS]));
    expect(await loopIn([ORDERS])).toEqual(['times <src/index loop query SELECT orders 0>']);
  });

  it('a database whose routes take no load changes nothing: each draw is its own twin', async () => {
    const scenario = { targetPerSecond: 200, mix: { 'app GET /orders': 1, 'app GET /users': 1 } };
    const [before, after] = await Promise.all(
      [
        [ORDERS, USERS],
        [REDIS, ORDERS, USERS],
      ].map(async (lines) => {
        const topology = await topologyOf(lines);
        return assess(topology, { ...scenarioOf({}, topology), ...scenario });
      }),
    );
    if (!before || !after) throw new Error('two outcomes');
    expect(after.draws?.breaksAtPerSecond).toEqual(before.draws?.breaksAtPerSecond);
    expect(pairedRates(before, after, true)).toMatchObject({ ratio: 1, later: 0, earlier: 0, isSignificant: false });
  });
});
