import { expect, it } from 'vitest';
import { callsOf, stepsOf, topologyOf } from './memory-workspace.ts';

/** After the guide's chat application (feathersjs.com/guides/basics/services.html and the application that its generator writes). */
const files = {
  'package.json': JSON.stringify({
    name: 'chat',
    main: 'src/index.ts',
    scripts: { start: 'node lib/index.js' },
    dependencies: {
      '@feathersjs/feathers': '5',
      '@feathersjs/koa': '5',
      '@feathersjs/knex': '5',
      '@feathersjs/mongodb': '5',
      '@feathersjs/schema': '5',
      '@feathersjs/authentication': '5',
      '@feathersjs/authentication-local': '5',
      '@feathersjs/configuration': '5',
      knex: '3',
      pg: '8',
      mongodb: '6',
    },
  }),
  'config/default.json': JSON.stringify({
    host: 'localhost',
    port: 3030,
    paginate: { default: 10, max: 50 },
    postgresql: { client: 'pg', connection: 'postgres://db/chat', pool: { max: 5 } },
    mongodb: 'mongodb://docs:27017/chat',
    authentication: { entity: 'user', service: 'users', authStrategies: ['jwt', 'local'] },
  }),
  'src/index.ts': `import { app } from './app'; const port = app.get('port'); app.listen(port).then(() => {});`,
  'src/app.ts': `import { feathers } from '@feathersjs/feathers'; import configuration from '@feathersjs/configuration'; import { koa, rest, bodyParser, errorHandler, parseAuthentication, cors } from '@feathersjs/koa'; import socketio from '@feathersjs/socketio';
    import { postgresql } from './postgresql'; import { mongodb } from './mongodb'; import { authentication } from './authentication'; import { services } from './services/index'; import { logError } from './hooks/log-error';
    const app = koa(feathers()); app.configure(configuration());
    app.use(cors()); app.use(errorHandler()); app.use(parseAuthentication()); app.use(bodyParser());
    app.configure(rest()); app.configure(socketio({ cors: { origin: app.get('origins') } }));
    app.configure(postgresql); app.configure(mongodb); app.configure(authentication); app.configure(services);
    app.hooks({ around: { all: [logError] }, before: {}, after: {}, error: {} });
    export { app }`,
  'src/hooks/log-error.ts': `export const logError = async (context, next) => { try { await next(); } catch (error) { throw error; } };`,
  'src/postgresql.ts': `import knex from 'knex'; export const postgresql = (app) => { const config = app.get('postgresql'); const db = knex(config!); app.set('postgresqlClient', db); };`,
  'src/mongodb.ts': `import { MongoClient } from 'mongodb'; export const mongodb = (app) => { const connection = app.get('mongodb'); const mongoClient = MongoClient.connect(connection).then((client) => client.db('chat')); app.set('mongodbClient', mongoClient); };`,
  'src/authentication.ts': `import { AuthenticationService, JWTStrategy } from '@feathersjs/authentication'; import { LocalStrategy } from '@feathersjs/authentication-local';
    export const authentication = (app) => { const authentication = new AuthenticationService(app); authentication.register('jwt', new JWTStrategy()); authentication.register('local', new LocalStrategy()); app.use('authentication', authentication); };`,
  'src/services/index.ts': `import { user } from './users/users'; import { message } from './messages/messages'; import { note } from './notes/notes'; import { health } from './ping';
    export const services = (app) => { app.configure(user); app.configure(message); app.configure(note); app.configure(health); };`,
  'src/services/ping.ts': `class PingService { async find() { return []; } } export const health = (app) => { app.use('/pings', new PingService()); };`,
  'src/services/users/users.class.ts': `import { KnexService } from '@feathersjs/knex'; export class UserService extends KnexService {} export const getOptions = (app) => ({ paginate: app.get('paginate'), Model: app.get('postgresqlClient'), name: 'users' });`,
  'src/services/users/users.schema.ts': `import { resolve } from '@feathersjs/schema'; import { passwordHash } from '@feathersjs/authentication-local'; export const userDataResolver = resolve({ password: passwordHash({ strategy: 'local' }) });`,
  'src/services/users/users.ts': `import { authenticate } from '@feathersjs/authentication'; import { hooks as schemaHooks } from '@feathersjs/schema'; import { UserService, getOptions } from './users.class'; import { userDataResolver } from './users.schema';
    export const user = (app) => { app.use('users', new UserService(getOptions(app)), { methods: ['get', 'create'], events: [] });
      app.service('users').hooks({ around: { all: [], get: [authenticate('jwt')], create: [] }, before: { all: [], create: [schemaHooks.resolveData(userDataResolver)] }, after: { all: [] } }); };`,
  'src/services/messages/messages.class.ts': `import { KnexService } from '@feathersjs/knex'; export class MessageService extends KnexService {} export const getOptions = (app) => ({ paginate: app.get('paginate'), Model: app.get('postgresqlClient'), name: 'messages' });`,
  'src/services/messages/messages.schema.ts': `import { resolve, virtual } from '@feathersjs/schema'; export const messageResolver = resolve({ user: virtual(async (message, context) => { return context.app.service('users').get(message.userId); }) }); export const messageQueryResolver = resolve({ userId: async (value, user, context) => value });`,
  'src/services/messages/messages.ts': `import { authenticate } from '@feathersjs/authentication'; import { hooks as schemaHooks } from '@feathersjs/schema'; import { MessageService, getOptions } from './messages.class'; import { messageResolver, messageQueryResolver } from './messages.schema';
    export const messagePath = 'messages'; export const messageMethods = ['find', 'get', 'create', 'patch', 'remove'] as const;
    export const message = (app) => { app.use(messagePath, new MessageService(getOptions(app)), { methods: messageMethods, events: [] });
      app.service(messagePath).hooks({ around: { all: [authenticate('jwt'), schemaHooks.resolveResult(messageResolver)] }, before: { all: [schemaHooks.resolveQuery(messageQueryResolver)], find: [] } }); };`,
  'src/services/notes/notes.ts': `import { MongoDBService } from '@feathersjs/mongodb';
    class NoteService extends MongoDBService { async find(params) { return super.find(params); } }
    export const note = (app) => { app.use('notes', new NoteService({ Model: app.get('mongodbClient').then((db) => db.collection('notes')) }), { methods: ['find', 'create'] }); };`,
};

it('Feathers 5: services over Knex and MongoDB, with hooks, resolvers and who asks', async () => {
  const topology = await topologyOf(files);
  expect(topology.problems).toEqual([]);
  const who = 'SELECT users';
  const user = ['each at once', 'each at once > SELECT users'];
  expect(topology.endpoints.map((one) => [one.id.replace('chat ', ''), stepsOf(topology, one.id)])).toEqual([
    ['POST /authentication', ['SELECT count users', 'SELECT users', 'bcrypt in chat']],
    ['GET /users/:id', [who, 'SELECT users']],
    ['POST /users', ['bcrypt in chat', 'INSERT users', 'SELECT users']],
    ['GET /messages', [who, ...user, 'SELECT count messages', 'SELECT messages']],
    ['GET /messages/:id', [who, 'SELECT users', 'SELECT messages']],
    ['POST /messages', [who, 'SELECT users', 'INSERT messages', 'SELECT messages']],
    ['PATCH /messages/:id', [who, 'SELECT users', 'SELECT messages', 'UPDATE messages', 'SELECT messages']],
    ['DELETE /messages/:id', [who, 'SELECT users', 'SELECT messages', 'DELETE messages']],
    ['GET /notes', ['SELECT notes']],
    ['POST /notes', ['INSERT notes', 'SELECT notes']],
    ['GET /pings', []],
  ]);
  expect(topology.endpoints.flatMap((one) => one.steps).filter((step) => step.place.line === 0)).toEqual([]);
  expect(callsOf(topology)).toEqual(['chat query db', 'chat query docs']);
  expect(topology.pools.find((one) => one.target === 'db')?.max).toMatchObject({ value: 5, basis: 'declared' });
});
