import { describe, expect, it } from 'vitest';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import type { Topology } from '../../src/model/topology.ts';
import { sharesOf } from '../../src/simulator/compile/mix.ts';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const head = `import express from 'express'; import { Pool } from 'pg'; import Redis from 'ioredis'; import bcrypt from 'bcrypt';
  const pool = new Pool({ host: 'db' }); const redis = new Redis('redis://cache:6379'); const seen = new Map(); const app = express();`;
const dependencies = { express: '5', pg: '8', ioredis: '5', bcrypt: '5' };
const app = (routes: string): Promise<Topology> => topologyOf(service(dependencies, { 'src/index.js': `${head} ${routes} app.listen(1);` }));
const roles = (it: Topology): string[] => it.endpoints.map((one) => `${one.id.replace('app ', '')} ${one.role}`);
const select = "await pool.query('SELECT * FROM pages WHERE id = $1', [req.body.id]);";

describe('a route reads or writes by what it does', () => {
  it.each<[string, string, string, string]>([
    ['POST', 'asks only', select, 'read'],
    ['POST', 'asks a cache, and keeps what it missed', `let page = await redis.get(req.body.id); if (!page) { page = ${select} await redis.set(req.body.id, page); }`, 'read'],
    ['POST', 'asks, and notes something in its memory', `seen.set(req.body.id, 1); ${select}`, 'read'],
    ['POST', 'asks in a branch', `if (req.body.id) { ${select} }`, 'read'],
    ['POST', 'writes', "await pool.query('INSERT INTO pages VALUES ($1)', [req.body.id]);", 'write'],
    ['POST', 'asks and writes', `${select} await pool.query('UPDATE pages SET seen = 1');`, 'write'],
    ['POST', 'keeps something in a cache', `${select} await redis.set(req.body.id, 1);`, 'write'],
    ['POST', 'asks and tells somebody else', `${select} await fetch('https://hooks.example.com', { method: 'POST' });`, 'write'],
    ['POST', 'lets somebody in', `const user = ${select} await bcrypt.compare(req.body.password, user.password);`, 'write'],
    ['POST', 'keeps all in its memory', 'seen.set(req.body.id, req.body);', 'write'],
    ['POST', 'does nothing that is seen', '', 'write'],
    ['POST', 'hands on to what is not known', `${select} await unknown(req, res);`, 'write'],
    ['PUT', 'asks only', select, 'write'],
    ['GET', 'notes who came', `${select} await pool.query('UPDATE pages SET seen = 1');`, 'read'],
  ])('%s %s', async (method, _what, body, role) => {
    const topology = await app(`app.${method.toLowerCase()}('/pages', async (req, res) => { ${body} res.json({}); });`);
    expect(roles(topology)).toEqual([`${method} /pages ${role}`]);
  });

  const guard = (path: string): string => `app.use('${path}', async (req, res, next) => { await pool.query('UPDATE sessions SET seen = now()'); next(); });`;
  const rpc = `app.post('/api/list', async (req, res) => { ${select} res.json({}); }); app.post('/api/info', async (req, res) => { ${select} res.json({}); });
    app.post('/api/create', async (req, res) => { await pool.query('INSERT INTO pages VALUES (1)'); res.json({}); }); app.post('/api/me', async (req, res) => { res.json({}); });`;
  const told = ['POST /api/list read', 'POST /api/info read', 'POST /api/create write', 'POST /api/me write'];
  it('what all routes begin with tells nothing of one', async () => {
    expect(roles(await app(`${guard('/api')} ${rpc}`))).toEqual(told);
    const some = roles(await app(`${guard('/api/list')} ${rpc}`));
    expect(some).toEqual(['POST /api/list write', ...told.slice(1)]);
  });

  it('the mix follows: reads of a POST API are most of its load', async () => {
    const topology = await app(rpc);
    expect([...sharesOf(topology, DEFAULT_SCENARIO)].map(([id, share]) => [id, Number(share.toFixed(3))])).toEqual([
      ['app POST /api/list', 0.4],
      ['app POST /api/info', 0.4],
      ['app POST /api/create', 0.1],
      ['app POST /api/me', 0.1],
    ]);
  });
});

describe('rows of a model have the methods of its class', () => {
  const code = (body: string): string => `import express from 'express'; import { Sequelize, Model } from 'sequelize-typescript';
    class Base extends Model { updateWith(keys) { this.set(keys); return this.save(); } }
    class Star extends Base { archive = async () => { await this.destroy(); }; }
    const sequelize = new Sequelize('postgres://db/app', { models: [Star] });
    const app = express(); app.post('/stars', async (req, res) => { ${body} res.json({}); }); app.listen(1);`;
  it.each<[string, string, string[]]>([
    ['of a class that it extends', 'const star = await Star.findByPk(req.body.id); await star.updateWith({ index: 1 });', ['Star.findByPk', 'Star.save']],
    ['that is written as a field', 'const star = await Star.findByPk(req.body.id); await star.archive();', ['Star.findByPk', 'Star.destroy']],
    ['of each row', 'const stars = await Star.findAll(); for (const star of stars) await star.updateWith({ index: 1 });', ['Star.findAll', 'each', 'each > Star.save']],
    ['of the first row', 'const stars = await Star.findAll(); await stars[0].archive();', ['Star.findAll', 'Star.destroy']],
    ['of one that is not saved yet', 'const star = Star.build({ index: 1 }); await star.updateWith({ index: 2 });', ['Star.save']],
    [
      'which are written only where something was changed',
      'const star = await Star.findByPk(1); if (req.body.x) star.index = 1; await star.save();',
      ['Star.findByPk', 'calls with Star.save', 'calls with Star.save > Star.save'],
    ],
    ['changed under the test under which they are written', 'const star = await Star.findByPk(1); star.index = 1; await star.save();', ['Star.findByPk', 'Star.save']],
  ])('%s', async (_what, body, steps) => {
    const topology = await topologyOf(service({ express: '5', 'sequelize-typescript': '2', sequelize: '6', pg: '8' }, { 'src/index.js': code(body) }));
    expect(stepsOf(topology, 'app POST /stars')).toEqual(steps);
  });
});
