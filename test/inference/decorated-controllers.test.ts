import { expect, it } from 'vitest';
import { stepsOf, topologyOf } from './memory-workspace.ts';

const project = (library: string): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'app', main: 'src/index.ts', dependencies: { [library]: '1', inversify: '6', typedi: '1', express: '4', pg: '8' } }),
  'src/db.ts': `import { Pool } from 'pg'; export const pool = new Pool({ host: 'db' }); export const ask = (table) => pool.query('SELECT * FROM ' + table);`,
});
const answers = async (files: Record<string, string>): Promise<unknown> => {
  const topology = await topologyOf(files);
  return topology.endpoints.map((one) => [one.id.replace('app ', ''), stepsOf(topology, one.id)]);
};

/** After the README of inversify-express-utils. */
it('inversify-express-utils: all controllers that are loaded, made by the container, with middleware as functions and tokens', async () => {
  const files = {
    ...project('inversify-express-utils'),
    'src/index.ts': `import { Container } from 'inversify'; import { InversifyExpressServer } from 'inversify-express-utils'; import './controllers'; import { TYPES, FooService, Session, ask } from './services';
      const container = new Container(); container.bind('FooService').to(FooService); container.bind(TYPES.Session).to(Session);
      const server = new InversifyExpressServer(container, null, { rootPath: '/api' });
      server.setConfig((app) => { app.use(async (req, res, next) => { await ask('limits'); next(); }); });
      const app = server.build(); app.listen(3000);`,
    'src/services.ts': `import { ask } from './db'; import { injectable } from 'inversify'; import { BaseMiddleware } from 'inversify-express-utils'; export { ask }; export const TYPES = { Session: Symbol.for('Session') };
      @injectable() export class FooService { async get(id) { return ask('foos'); } async add(body) { return ask('added'); } }
      @injectable() export class Session extends BaseMiddleware { async handler(req, res, next) { await ask('sessions'); next(); } }`,
    'src/controllers.ts': `import * as express from 'express'; import { inject } from 'inversify'; import { controller, httpGet, httpPost, httpDelete, request, response, requestParam, BaseHttpController } from 'inversify-express-utils'; import { TYPES, ask } from './services';
      class BaseFoo extends BaseHttpController { async removed(res) { await ask('removed'); res.sendStatus(200); } }
      @controller('/foo') export class FooController extends BaseFoo {
        constructor(@inject('FooService') private fooService) { super(); }
        @httpGet('/') private async index(req, res, next) { return this.fooService.get(req.query.id); }
        @httpDelete('/:id', TYPES.Session) private async remove(@requestParam('id') id, @response() res) { return super.removed(res); }
        @httpPost('/', async (req, res, next) => { await ask('checks'); next(); }) private async create(@request() req, @response() res) { await this.fooService.add(req.body); res.sendStatus(201); }
      }`,
  };
  expect(await answers(files)).toEqual([
    ['GET /api/foo', ['SELECT limits', 'SELECT foos']],
    ['DELETE /api/foo/:id', ['SELECT limits', 'SELECT sessions', 'SELECT removed']],
    ['POST /api/foo', ['SELECT limits', 'SELECT checks', 'SELECT added']],
  ]);
});

/** After the README of routing-controllers. */
const users = `import { JsonController, Get, Post, Param, Body, Req, Res, UseBefore } from 'routing-controllers'; import { Service } from 'typedi'; import { ask } from '../db';
  @Service() export class UserRepository { all() { return ask('users'); } }
  class Check { async use(req, res, next) { await ask('checks'); next(); } }
  @Service() @JsonController('/users') export class UserController {
    constructor(private users: UserRepository) {}
    @Get('/') getAll() { return this.users.all(); }
    @Get('/:id') @UseBefore(Check) async getOne(@Param('id') id: number) { return ask('one'); }
    @Post('/') async post(@Body() user: any, @Res() res: any) { await ask('made'); return res.json({}); }
  }`;
const routes = [
  ['GET /api/users', ['SELECT users']],
  ['GET /api/users/:id', ['SELECT checks', 'SELECT one']],
  ['POST /api/users', ['SELECT made']],
];

it.each<[string, string]>([
  ['listed', `import { UserController } from './controllers/users'; const app = createExpressServer({ routePrefix: '/api', controllers: [UserController] }); app.listen(3000);`],
  ['in a folder', `const app = createExpressServer({ routePrefix: '/api', controllers: [__dirname + '/controllers/*.ts'] }); app.listen(3000);`],
  [
    'on an app of its own',
    `import express from 'express'; import './controllers/users'; const app = express(); useContainer(Container); useExpressServer(app, { routePrefix: '/api' }); app.listen(3000);`,
  ],
])('routing-controllers: controllers %s', async (_name, start) => {
  const files = {
    ...project('routing-controllers'),
    'src/index.ts': `import { createExpressServer, useExpressServer, useContainer } from 'routing-controllers'; import { Container } from 'typedi'; ${start}`,
    'src/controllers/users.ts': users,
  };
  expect(await answers(files)).toEqual(routes);
});
