import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const read = (dependencies: Record<string, string>, code: string): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^4.0.0', pg: '^8.0.0', ...dependencies },
      {
        'src/index.js': `const express = require('express'); const app = express(); const { Pool } = require('pg'); const pool = new Pool({ host: 'store' }); const work = async () => { await pool.query('SELECT 1 FROM due'); }; (async () => { ${code} })(); app.listen(3000);`,
      },
    ),
  );

describe('pg-boss', () => {
  const boss = (version: string, work: string, options = ''): Promise<Topology> =>
    read(
      { 'pg-boss': version },
      `const PgBoss = require('pg-boss'); const boss = new PgBoss({ host: 'store'${options} }); await boss.start(); ${work} app.post('/it', async (req, res) => { await boss.send('mails', { to: req.body.to }); res.json({}); });`,
    );

  it('sends and works on queues in the database; the pace of one worker is its polling', async () => {
    const topology = await boss('^10.0.0', `await boss.work('mails', async ([job]) => { await work(); });`);
    expect(callsOf(topology)).toEqual(['app publish store', 'app query store', 'mails-worker consume store']);
    expect(stepsOf(topology, 'app POST /it')).toEqual(['publish to mails']);
    expect(stepsOf(topology, 'mails-worker consumes mails')).toEqual(['parallel', 'parallel > SELECT due', 'parallel > wait 2000 ms']);
    expect(topology.channels).toMatchObject([
      { name: 'mails', broker: 'store', attempts: { value: 3, basis: 'libraryDefault' }, consumers: [{ concurrency: { value: 1, basis: 'libraryDefault' } }] },
    ]);
    expect(topology.pools.filter((it) => it.library === 'pg-boss')).toMatchObject([{ max: { value: 10 }, acquireTimeoutMs: { state: 'none' } }]);
  });

  it.each<[string, string, string, object, string]>([
    ['a batch', '^10.0.0', `boss.work('mails', { batchSize: 20, pollingIntervalSeconds: 0.5 }, work);`, { value: 20, basis: 'declared' }, 'wait 500 ms'],
    ['a team of old', '^9.0.0', `boss.work('mails', { teamSize: 5, teamConcurrency: 5, newJobCheckInterval: 700 }, work);`, { value: 5, basis: 'declared' }, 'wait 700 ms'],
    ['several at once', '^12.0.0', `boss.work('mails', { batchSize: 2, localConcurrency: 4 }, work);`, { value: 8, basis: 'declared' }, 'wait 2000 ms'],
  ])('%s', async (_name, version, work, concurrency, wait) => {
    const topology = await boss(version, work);
    expect(topology.channels).toMatchObject([{ consumers: [{ concurrency }] }]);
    expect(stepsOf(topology, 'mails-worker consumes mails').at(-1)).toBe(`parallel > ${wait}`);
  });

  it.each<[string, string, string, object]>([
    ['version 9 tries once', '^9.0.0', '', { value: 1, basis: 'libraryDefault' }],
    ['a queue of its own', '^10.0.0', `await boss.createQueue('mails', { retryLimit: 5 });`, { value: 6, basis: 'declared' }],
  ])('%s', async (_name, version, work, attempts) => expect((await boss(version, work)).channels).toMatchObject([{ attempts }]));

  it.each<[string, string, string[]]>([
    ['one that is made for each request connects each time', `{ host: 'store' }`, ['wait for a new connection to store', 'connect to store', 'publish to mails']],
    ['over what it is given it connects to nothing', `{ host: 'store', db: { executeSql: (sql, values) => pool.query(sql, values) } }`, ['publish to mails']],
  ])('%s', async (_name, options, expected) => {
    const code = `const PgBoss = require('pg-boss'); app.post('/it', async (req, res) => { const boss = new PgBoss(${options}); await boss.send('mails', { to: req.body.to }); res.json({}); });`;
    expect(stepsOf(await read({ 'pg-boss': '^10.0.0' }, code), 'app POST /it')).toEqual(expected);
  });

  it('a schedule sends', async () => {
    const topology = await boss('^10.0.0', `await boss.schedule('mails', '*/10 * * * *');`);
    expect(topology.endpoints.find((it) => it.trigger.kind === 'schedule')?.trigger).toMatchObject({ everyMs: { value: 600_000 } });
    expect(stepsOf(topology, 'app timer')).toEqual(['publish to mails']);
  });
});

describe('Agenda', () => {
  const agenda = `const Agenda = require('agenda'); const agenda = new Agenda({ db: { address: 'mongodb://jobs/agenda' } });`;
  it('defined jobs are worked on where it starts', async () => {
    const code = `${agenda} agenda.define('mail', { concurrency: 10 }, work); agenda.define('report', work);`;
    const send = `app.post('/it', async (req, res) => { await agenda.now('mail', {}); res.json({}); });`;
    const started = await read({ agenda: '^5.0.0' }, `${code} await agenda.start(); ${send}`);
    expect(started.channels).toMatchObject([
      { name: 'mail', broker: 'jobs', producers: [{ component: 'app' }], consumers: [{ concurrency: { value: 10, basis: 'declared' } }] },
      { name: 'report', consumers: [{ concurrency: { value: 5, basis: 'libraryDefault' } }] },
    ]);
    expect(stepsOf(started, 'mail-worker consumes mail')).toEqual(['SELECT due']);
    const sender = await read({ agenda: '^5.0.0' }, `${code} ${send}`);
    expect(sender.channels).toMatchObject([{ name: 'mail', consumers: [] }]);
  });

  it.each<[string, number | undefined]>([
    [`'3 minutes'`, 180_000],
    [`'one hour'`, 3_600_000],
    [`'*/5 * * * *'`, 300_000],
    ['9000', 9000],
    [`'every full moon'`, undefined],
  ])('every %s', async (every, expected) => {
    const topology = await read({ agenda: '^5.0.0' }, `${agenda} agenda.define('clean', work); await agenda.start(); await agenda.every(${every}, 'clean');`);
    const timer = topology.endpoints.find((it) => it.trigger.kind === 'schedule');
    expect(timer?.trigger).toMatchObject({ everyMs: expected === undefined ? { state: 'unknown' } : { value: expected } });
    expect(stepsOf(topology, 'app timer')).toEqual(['SELECT due']);
  });
});

it('bee-queue', async () => {
  const topology = await read(
    { 'bee-queue': '^1.7.0' },
    `const Queue = require('bee-queue'); const queue = new Queue('sums', { redis: { host: 'jobs' } }); queue.process(3, work); app.post('/it', async (req, res) => { await queue.createJob({ x: 2 }).retries(2).save(); res.json({}); });`,
  );
  expect(topology.channels).toMatchObject([{ name: 'sums', attempts: { value: 3, basis: 'declared' }, consumers: [{ concurrency: { value: 3, basis: 'declared' } }] }]);
  expect(callsOf(topology)).toContain('app publish jobs');
});

describe('clocks', () => {
  it.each<[string, Record<string, string>, string, number | undefined]>([
    ['node-cron', { 'node-cron': '^4.0.0' }, `const cron = require('node-cron'); cron.schedule('*/5 * * * *', work);`, 300_000],
    ['cron', { cron: '^4.0.0' }, `const { CronJob } = require('cron'); new CronJob('*/10 * * * * *', work, null, true);`, 10_000],
    ['cron, by name', { cron: '^4.0.0' }, `const { CronJob } = require('cron'); const job = CronJob.from({ cronTime: '0 * * * *', onTick: work }); job.start();`, 3_600_000],
    ['node-schedule', { 'node-schedule': '^2.0.0' }, `const schedule = require('node-schedule'); schedule.scheduleJob('nightly', '0 3 * * *', work);`, 86_400_000],
    ['node-schedule, a rule', { 'node-schedule': '^2.0.0' }, `const schedule = require('node-schedule'); schedule.scheduleJob({ hour: 3 }, work);`, undefined],
    ['croner', { croner: '^9.0.0' }, `const { Cron } = require('croner'); new Cron('*/2 * * * *', { protect: true }, work);`, 120_000],
  ])('%s', async (_name, dependencies, code, expected) => {
    const topology = await read(dependencies, code);
    const timer = topology.endpoints.find((it) => it.trigger.kind === 'schedule');
    expect(timer?.trigger).toMatchObject({ everyMs: expected === undefined ? { state: 'unknown' } : { value: expected, basis: 'declared' } });
    expect(stepsOf(topology, 'app timer')).toEqual(['SELECT due']);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a job that nobody starts', { cron: '^4.0.0' }, `const { CronJob } = require('cron'); new CronJob('* * * * * *', work);`],
    ['a task that is not scheduled', { 'node-cron': '^3.0.0' }, `const cron = require('node-cron'); cron.schedule('* * * * *', work, { scheduled: false });`],
  ])('%s does not run', async (_name, dependencies, code) => {
    expect((await read(dependencies, code)).endpoints.filter((it) => it.trigger.kind === 'schedule')).toEqual([]);
  });
});

describe('names of queues', () => {
  it.each<[string, string, string]>([
    ['known', "'mails'", 'mails'],
    ['known in part', '`mails-${process.env.REGION}`', 'mails-*'],
    ['a suffix that may be there', "suffix(require('./none.json').suffix, 'mails')", 'mails-*'],
    ['not known', 'process.env.QUEUE', 'queue'],
  ])('%s', async (_name, name, expected) => {
    const topology = await read(
      { bullmq: '5' },
      `const { Queue } = require('bullmq'); const suffix = (end, it) => typeof end === 'string' ? \`\${it}-\${end}\` : it; const queue = new Queue(${name}, { connection: { host: 'jobs' } }); app.post('/it', async (req, res) => { await queue.add('a', {}); res.json({}); });`,
    );
    expect(topology.channels.map((it) => it.name)).toEqual([expected]);
  });
});
