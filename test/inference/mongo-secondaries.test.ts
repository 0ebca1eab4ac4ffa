import { describe, expect, it } from 'vitest';
import { walkSteps } from '../../src/model/topology.ts';
import { topologyOf } from './memory-workspace.ts';

const SET = 'mongodb://one,two,three/shop?replicaSet=rs0';
const READ = "await Order.find({ note: 'x' })";
const mongoose = (uri: string, options = '', read = READ) => ({
  'package.json': JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts' }, dependencies: { express: '4', mongoose: '8' } }),
  'src/server.ts': `import express from 'express';
import mongoose from 'mongoose';
const Order = mongoose.model('Order', new mongoose.Schema({ note: String }));
mongoose.connect('${uri}'${options});
const app = express();
app.get('/orders', async (req, res) => res.json(${read}));
app.post('/orders', async (req, res) => { await Order.create({ note: req.body.note }); res.end(); });
app.listen(3000);
`,
});
const mongodb = (uri: string, options = '') => ({
  'package.json': JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts' }, dependencies: { express: '4', mongodb: '6' } }),
  'src/server.ts': `import express from 'express';
import { MongoClient } from 'mongodb';
const orders = new MongoClient('${uri}'${options}).db('shop').collection('orders');
const app = express();
app.get('/orders', async (req, res) => res.json(await orders.find({ note: 'x' }).toArray()));
app.post('/orders', async (req, res) => { await orders.insertOne({ note: req.body.note }); res.end(); });
app.listen(3000);
`,
});

describe('readPreference', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['in the connection string', mongoose(`${SET}&readPreference=secondary`), true],
    ['in the options', mongoose(SET, ", { readPreference: 'secondaryPreferred' }"), true],
    ["in the driver's connection string", mongodb(`${SET}&readPreference=secondaryPreferred`), true],
    ["in the driver's options", mongodb(SET, ", { readPreference: 'secondary' }"), true],
    ['of the query itself', mongoose(SET, '', "await Order.find({ note: 'x' }).read('secondaryPreferred')"), true],
    ['in the options of the query', mongoose(SET, '', "await Order.find({ note: 'x' }, null, { readPreference: 'secondary' })"), true],
    ['of a query in a session', mongoose(SET, '', "await Order.find({ note: 'x' }, null, { session, readPreference: 'secondary' })"), false],
    ['of a query, with a single member', mongoose('mongodb://one/shop?replicaSet=rs0', '', "await Order.find({ note: 'x' }).read('secondaryPreferred')"), false],
    ['none: the primary', mongoose(SET), false],
    ['the primary by name', mongoose(`${SET}&readPreference=primaryPreferred`), false],
    ['a single member that is named', mongoose('mongodb://one/shop?replicaSet=rs0&readPreference=secondaryPreferred'), false],
    ['the query itself wants the primary', mongoose(`${SET}&readPreference=secondary`, '', "await Order.find({ note: 'x' }).read('primary')"), false],
    ['so do its options', mongoose(`${SET}&readPreference=secondary`, '', "await Order.find({ note: 'x' }, null, { readPreference: 'primary' })"), false],
    ['a session', mongoose(`${SET}&readPreference=secondary`, '', "await Order.find({ note: 'x' }, null, { session })"), false],
  ])('%s', async (_says, files, isElsewhere) => {
    const topology = await topologyOf(files);
    const targets = { read: new Set<string>(), write: new Set<string>() };
    for (const endpoint of topology.endpoints)
      walkSteps(endpoint.steps, (step) => {
        if (step.kind === 'query' && step.operation !== 'other') targets[step.operation].add(step.target);
      });
    const [primary] = [...targets.write];
    const [asked] = [...targets.read];
    expect([targets.write.size, targets.read.size]).toEqual([1, 1]);
    expect(asked !== primary).toBe(isElsewhere);
    expect(topology.components.find((one) => one.id === asked)?.replicaOf).toBe(isElsewhere ? primary : undefined);
  });
});
