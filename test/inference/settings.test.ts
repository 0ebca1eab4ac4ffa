import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const app = (body: string): string => `const express = require('express'); const app = express(); ${body}; app.listen(3000);`;
const read = (dependencies: Record<string, string>, body: string, files: Record<string, string>): Promise<Topology> =>
  topologyOf(service({ express: '^5.0.0', pg: '^8.0.0', ...dependencies }, { 'src/index.js': app(body), ...files }));
const pool = (max: string): string =>
  `const { Pool } = require('pg'); const pool = new Pool({ host: 'db', max: ${max} }); app.get('/it', async (req, res) => res.json(await pool.query('SELECT 1 FROM things')))`;

describe('settings from files', () => {
  it.each<[string, string, Record<string, string>, string]>([
    [
      'JSON that code imports',
      `const settings = require('./settings.json'); ${pool('settings.db.max')}`,
      { 'src/settings.json': '{\n  "db": {\n    "max": 7\n  }\n}' },
      'src/settings.json:3',
    ],
    [
      'JSON that code reads and parses',
      `const { readFileSync } = require('node:fs'); const { join } = require('path'); const settings = JSON.parse(readFileSync(join(__dirname, '../settings.json'), 'utf8')); ${pool('settings.max')}`,
      { 'settings.json': '{\n  "max": 7 }' },
      'settings.json:2',
    ],
    [
      'JSON whose text is changed on the way',
      `const fs = require('fs'); const settings = JSON.parse(fs.readFileSync('./settings.json').toString()); ${pool('settings.max')}`,
      { 'settings.json': '{ "max": 7 }' },
      'settings.json:1',
    ],
    // https://github.com/nodeca/js-yaml
    [
      'YAML by js-yaml',
      `const yaml = require('js-yaml'); const fs = require('fs'); const settings = yaml.load(fs.readFileSync('config/db.yml', 'utf8')); ${pool('settings[process.env.NODE_ENV || "development"].pool')}`,
      { 'config/db.yml': 'defaults: &defaults\n  pool: 3\nproduction:\n  <<: *defaults\n  pool: 7\n' },
      'config/db.yml:5',
    ],
    // https://github.com/node-config/node-config
    [
      'node-config: the stage over the default',
      `const config = require('config'); ${pool(`config.get('db.pool.max')`)}`,
      { 'config/default.json': '{ "db": { "pool": { "max": 3 } } }', 'config/production.json': '{\n  "db": { "pool": { "max": 7 } } }' },
      'config/production.json:2',
    ],
    [
      'node-config: a default that a variable would replace',
      `const config = require('config'); ${pool(`config.get('db.pool.max')`)}`,
      {
        'config/default.yaml': 'db:\n  pool:\n    max: 7\n',
        'config/custom-environment-variables.json': '{ "db": { "pool": { "max": { "__name": "DB_POOL", "__format": "json" } } } }',
      },
      'config/default.yaml:3',
    ],
    [
      'node-config: a variable that a file sets',
      `const config = require('config'); ${pool(`config.get('db.pool.max')`)}`,
      { 'config/default.yaml': 'db:\n  pool:\n    max: 3\n', 'config/custom-environment-variables.json': '{ "db": { "pool": { "max": "DB_POOL" } } }', '.env': 'DB_POOL=7\n' },
      '.env:1',
    ],
    [
      'a module of the stage, imported by its name',
      `const { settings } = require(\`./stages/\${process.env.NODE_ENV || 'local'}.stage\`); ${pool('settings.max')}`,
      { 'src/stages/production.stage.js': 'exports.settings =\n  { max: 7 };', 'src/stages/local.stage.js': 'exports.settings = { max: 3 };' },
      'src/stages/production.stage.js:2',
    ],
  ])('%s', async (_name, body, files, place) => {
    const topology = await read({}, body, files);
    expect(topology.pools).toMatchObject([{ max: { value: 7, basis: 'declared' } }]);
    expect(topology.pools[0]?.max.state === 'known' && `${topology.pools[0].max.place?.file}:${topology.pools[0].max.place?.line}`).toBe(place);
  });

  it('what nobody can name stays unread, and nothing secret is kept', async () => {
    const settings = { 'src/settings.json': '{ "max": 7, "password": "hunter2-hunter2", "key": "sk_live_1234567890abcdef" }' };
    const topology = await read({}, `const settings = require(process.env.SETTINGS); ${pool('settings.max')}`, settings);
    expect(topology.pools).toMatchObject([{ max: { state: 'unknown' } }]);
    const known = await read(
      {},
      `const settings = require('./settings.json'); const { Pool } = require('pg'); new Pool({ host: settings.key, password: settings.password, max: settings.max })`,
      settings,
    );
    expect(JSON.stringify(known)).not.toMatch(/hunter2|sk_live/);
  });
});

describe('settings as objects of classes', () => {
  const nest = (files: Record<string, string>): Promise<Topology> =>
    topologyOf({
      'package.json': JSON.stringify({
        name: 'shop',
        scripts: { start: 'nest start' },
        dependencies: { '@nestjs/core': '^11.0.0', '@nestjs/typeorm': '^11.0.0', typeorm: '^0.3.0', pg: '^8.0.0', kafkajs: '^2.0.0' },
      }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
      ...files,
    });
  const module = (load: string, get: string, more = ''): string =>
    `import { Module, Controller, Get } from '@nestjs/common'; import { ConfigModule, ConfigService } from '@nestjs/config'; import { TypeOrmModule, InjectRepository } from '@nestjs/typeorm'; ${more}
      class Order {} @Controller('orders') class Orders { constructor(@InjectRepository(Order) private orders: any) {} @Get() all() { return this.orders.find(); } }
      @Module({ imports: [ConfigModule.forRoot({ isGlobal: true, load: [${load}] }), TypeOrmModule.forRootAsync({ inject: [ConfigService], useFactory: (config: ConfigService) => config.get('${get}') }), TypeOrmModule.forFeature([Order])], controllers: [Orders] }) export class AppModule {}`;

  // https://docs.nestjs.com/techniques/configuration, https://docs.nestjs.com/techniques/database
  it.each<[string, Record<string, string>]>([
    [
      'a namespace that holds the options',
      {
        'src/app.module.ts': module('database', 'database', `import database from './database.config';`),
        'src/database.config.ts': `import { registerAs } from '@nestjs/config'; export default registerAs('database', () => ({ type: 'postgres', host: 'localhost', extra: { max: 7 } }));`,
      },
    ],
    [
      'a factory that gives all settings',
      {
        'src/app.module.ts': module('settings', 'database.main', `import settings from './settings';`),
        'src/settings.ts': `export default () => ({ database: { main: { type: 'postgres', host: 'localhost', extra: { max: 7 } } } });`,
      },
    ],
    // https://github.com/typestack/class-transformer
    [
      'a class with defaults, filled by the module of the stage',
      {
        'src/app.module.ts': module('() => Settings.get()', 'database', `import { Settings } from './settings';`),
        'src/settings.ts': `import { instanceToPlain, plainToInstance, Type } from 'class-transformer'; import { IsString } from 'class-validator';
          class Base { static from(this: any, given: object) { return instanceToPlain(plainToInstance(this, given)); } static async get({ stage }: { stage?: string } = {}) { return (await import(\`./\${stage ? stage : process.env.NODE_ENV || 'local'}.settings\`)).default; } }
          class Extra { max = 3; } class Database { @IsString() type = 'postgres'; @IsString() host: string; @Type(() => Extra) extra: Extra = new Extra(); }
          export class Settings extends Base { @Type(() => Database) readonly database: Database; }`,
        'src/production.settings.ts': `import { Settings } from './settings'; export default Settings.from({ database: { host: 'localhost', extra: { max: 7 } } });`,
      },
    ],
  ])('TypeORM options from config.get: %s', async (_name, files) => {
    const topology = await nest(files);
    expect(callsOf(topology)).toEqual(['shop query postgres']);
    expect(topology.pools).toMatchObject([{ client: 'shop', target: 'postgres', library: 'typeorm', max: { value: 7, basis: 'declared' } }]);
    expect(stepsOf(topology, 'shop GET /orders')).toEqual(['Order.find']);
  });

  // https://kafka.js.org/docs/getting-started
  it('kafkajs behind classes of its own, topics called after variables', async () => {
    const topology = await nest({
      'src/app.module.ts': `import { Module, Controller, Post, Injectable, OnModuleInit } from '@nestjs/common'; import { ConfigModule, ConfigService } from '@nestjs/config'; import { Kafka, Producer } from 'kafkajs';
        @Injectable() class Client { private readonly kafka: Kafka; constructor(private config: ConfigService) { this.kafka = new Kafka({ clientId: 'shop', brokers: this.config.get('brokers') }); } get() { return this.kafka; } }
        @Injectable() class Sender { private readonly producer: Producer; constructor(private client: Client) { this.producer = this.client.get().producer(); } async send(record) { try { await this.producer.send(record); } catch (error) { throw error; } } }
        @Injectable() class Receiver { constructor(private client: Client) {} async receive(group, topics, run) { const consumer = this.client.get().consumer(group); await consumer.connect(); await Promise.all(topics.map(async (topic) => consumer.subscribe({ ...topic, fromBeginning: true }))); await consumer.run(run); } }
        @Injectable() class Audit implements OnModuleInit { constructor(private receiver: Receiver, private config: ConfigService) {} async onModuleInit() { const { topics } = this.config.get('orders'); await this.receiver.receive({ groupId: 'audit' }, topics, { eachMessage: async ({ topic, message }) => {} }); } }
        @Controller('orders') class Orders { constructor(private sender: Sender) {} @Post() add() { return this.sender.send({ topic: process.env.ORDERS_TOPIC, messages: [{ value: '1' }] }); } }
        @Module({ imports: [ConfigModule.forRoot({ load: [() => ({ brokers: ['kafka:9092'], orders: { topics: [{ topic: process.env.ORDERS_TOPIC }, { topic: 'audits' }] } })] })], controllers: [Orders], providers: [Client, Sender, Receiver, Audit] }) export class AppModule {}`,
    });
    expect(callsOf(topology)).toEqual(['shop consume kafka', 'shop publish kafka']);
    expect(topology.channels.map((it) => [it.name, it.producers.length, it.consumers.length])).toEqual([
      ['ORDERS_TOPIC', 1, 1],
      ['audits', 0, 1],
    ]);
    expect(stepsOf(topology, 'shop POST /orders')).toEqual(['publish to ORDERS_TOPIC']);
  });
});
