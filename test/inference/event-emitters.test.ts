import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const query = (table: string): string => `pool.query('SELECT 1 FROM ${table}')`;

// https://docs.nestjs.com/techniques/events
describe("Nest's events", () => {
  const nest = (listeners: string, emit: string): Promise<Topology> =>
    topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', pg: '8' } }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
      'src/app.module.ts': `import { Module, Controller, Post, Injectable } from '@nestjs/common'; import { EventEmitterModule, EventEmitter2, OnEvent } from '@nestjs/event-emitter'; import { Pool } from 'pg';
        const pool = new Pool({ host: 'db' }); class Placed { constructor(public readonly id: number) {} static name() { return 'order.placed'; } }
        @Injectable() class Listener { ${listeners} }
        @Controller('orders') class Orders { constructor(private events: EventEmitter2) {} @Post() async add() { ${emit}; await ${query('orders')}; } }
        @Module({ imports: [EventEmitterModule.forRoot()], controllers: [Orders], providers: [Listener] }) export class AppModule {}`,
    });
  it.each<[string, string, string, string[]]>([
    [
      'who listens runs beside',
      `@OnEvent('order.placed') async on(event) { await ${query('mails')}; }`,
      `this.events.emit('order.placed', new Placed(1))`,
      ['SELECT mails~', 'SELECT orders'],
    ],
    [
      'emitAsync waits for all',
      `@OnEvent('order.placed') async on() { await ${query('mails')}; } @OnEvent('order.placed') async also() { await ${query('stock')}; }`,
      `await this.events.emitAsync('order.placed')`,
      ['SELECT mails', 'SELECT stock', 'SELECT orders'],
    ],
    ['a name that a class gives', `@OnEvent(Placed.name()) on() { return ${query('mails')}; }`, `this.events.emit(Placed.name(), {})`, ['SELECT mails~', 'SELECT orders']],
    [
      'a pattern',
      `@OnEvent('order.*') on() { return ${query('mails')}; } @OnEvent('user.*') no() { return ${query('users')}; } @OnEvent('**') all() { return ${query('log')}; }`,
      `this.events.emit('order.placed')`,
      ['SELECT mails~', 'SELECT log~', 'SELECT orders'],
    ],
    [
      'a connection that a listener holds is no part of what goes on',
      `@OnEvent('order.placed') async on() { const client = await pool.connect(); try { await client.query('SELECT 1 FROM mails'); } finally { client.release(); } }`,
      `this.events.emit('order.placed')`,
      ['hold always~', 'hold always~ > SELECT mails^', 'SELECT orders'],
    ],
    ['nobody listens', `@OnEvent('other') on() { return ${query('mails')}; }`, `this.events.emit('order.placed')`, ['SELECT orders']],
    [
      'what is done for each stays beside',
      `@OnEvent('order.placed') async on(event) { for (const it of event.items) await ${query('items')}; }`,
      `this.events.emit('order.placed', req)`,
      ['each', 'each > SELECT items~', 'SELECT orders'],
    ],
    [
      'a listener that emits what it listens to',
      `constructor(private events: EventEmitter2) {} @OnEvent('order.placed') async on() { await ${query('mails')}; this.events.emit('order.placed'); }`,
      `this.events.emit('order.placed')`,
      ['SELECT mails~', 'SELECT mails~', 'SELECT orders'],
    ],
  ])('%s', async (_name, listeners, emit, expected) => expect(stepsOf(await nest(listeners, emit), 'app POST /orders')).toEqual(expected));
});

// https://nodejs.org/api/events.html, https://github.com/EventEmitter2/EventEmitter2
describe("emitters of one's own", () => {
  const read = (more: string, handler: string): Promise<Topology> =>
    topologyOf(
      service(
        { express: '^5.0.0', pg: '8', eventemitter2: '6' },
        {
          'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const app = express(); ${more} app.post('/it', async (req, res) => { ${handler}; res.json({}); }); app.listen(3000);`,
        },
      ),
    );
  it.each<[string, string, string, string[]]>([
    [
      "Node's",
      `const EventEmitter = require('node:events'); const bus = new EventEmitter(); bus.on('placed', async () => { await ${query('mails')}; });`,
      `bus.emit('placed')`,
      ['SELECT mails~'],
    ],
    [
      'a class that is one',
      `const { EventEmitter } = require('events'); class Orders extends EventEmitter { place() { this.emit('placed', 1); } } const orders = new Orders(); orders.on('placed', () => ${query('mails')});`,
      `orders.place()`,
      ['SELECT mails~'],
    ],
    [
      'EventEmitter2',
      `const { EventEmitter2 } = require('eventemitter2'); const bus = new EventEmitter2({ wildcard: true }); bus.on('order.*', () => ${query('mails')});`,
      `await bus.emitAsync('order.placed')`,
      ['SELECT mails'],
    ],
    [
      'two emitters',
      `const EventEmitter = require('events'); const [a, b] = [new EventEmitter(), new EventEmitter()]; a.on('placed', () => ${query('a')}); b.on('placed', () => ${query('b')});`,
      `b.emit('placed')`,
      ['SELECT b~'],
    ],
  ])('%s', async (_name, more, handler, expected) => expect(stepsOf(await read(more, handler), 'app POST /it')).toEqual(expected));

  it('what listens at the start still makes what it makes', async () => {
    const topology = await read(
      `const EventEmitter = require('events'); const start = new EventEmitter(); start.on('ready', () => { app.get('/later', (req, res) => res.json({})); }); start.emit('ready');`,
      '',
    );
    expect(topology.endpoints.map((it) => it.id)).toEqual(['app GET /later', 'app POST /it']);
  });
});
