import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { everyMsOf } from '../../src/inference/detectors/libraries/cron.ts';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

/** One module with one controller; `more` stands before both. */
const nest = (
  imports: string,
  controller: string,
  more: string,
  providers = '',
  dependencies: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Topology> =>
  topologyOf({
    ...files,
    'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', ...dependencies } }),
    'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
    'src/app.module.ts': `import { Module, Controller, Get, Post, Inject, Injectable, SetMetadata, UseGuards, UseInterceptors } from '@nestjs/common'; import { APP_GUARD, Reflector } from '@nestjs/core'; import { Pool } from 'pg';
      const pool = new Pool({ host: 'db' }); ${more}
      @Controller('it') class It { ${controller} }
      @Module({ imports: [${imports}], controllers: [It], providers: [${providers}] }) export class AppModule {}`,
  });
const query = (table: string): string => `pool.query('SELECT 1 FROM ${table}')`;

describe('guards and interceptors', () => {
  it.each<[string, string, string, string[]]>([
    ['a guard works first', `@UseGuards(G) @Get() get() { return ${query('own')}; }`, `class G { canActivate() { return ${query('guard')}; } }`, ['SELECT guard', 'SELECT own']],
    [
      'an interceptor stands around',
      `@UseInterceptors(I) @Get() get() { return ${query('own')}; }`,
      `import { tap } from 'rxjs'; class I { async intercept(context, next) { await ${query('before')}; return next.handle().pipe(tap(() => ${query('after')})); } }`,
      ['SELECT before', 'SELECT own', 'SELECT after'],
    ],
    [
      'a guard that metadata switch off',
      `@Public() @Get() get() { return ${query('own')}; }`,
      `const Public = () => SetMetadata('public', true); @Injectable() class G { constructor(private reflector: Reflector) {} canActivate(context) { const off = this.reflector.getAllAndOverride('public', [context.getHandler(), context.getClass()]); if (off) return true; return ${query('guard')}; } }`,
      ['SELECT own'],
    ],
    [
      'the same guard elsewhere',
      `@Get() get() { return ${query('own')}; }`,
      `@Injectable() class G { constructor(private reflector: Reflector) {} canActivate(context) { const off = this.reflector.getAllAndOverride('public', [context.getHandler(), context.getClass()]); if (off) return true; return ${query('guard')}; } }`,
      ['SELECT guard', 'SELECT own'],
    ],
  ])('%s', async (_name, controller, more, expected) => {
    const isGlobal = !controller.includes('Use');
    expect(stepsOf(await nest('', controller, more, isGlobal ? '{ provide: APP_GUARD, useClass: G }' : ''), 'app GET /it')).toEqual(expected);
  });

  it("passport's guard runs the strategy of its name", async () => {
    const topology = await nest(
      '',
      `@UseGuards(AuthGuard('jwt')) @Get() get() { return ${query('own')}; }`,
      `import { AuthGuard, PassportStrategy } from '@nestjs/passport'; import { Strategy } from 'passport-jwt';
        @Injectable() class Jwt extends PassportStrategy(Strategy) { constructor() { super({}); } validate(payload) { return ${query('users')}; } }`,
      'Jwt',
    );
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users', 'SELECT own']);
  });
});

describe('throttler', () => {
  const limits = (options: string, more = ''): Promise<unknown[]> =>
    nest(
      `ThrottlerModule.forRoot(${options})`,
      `${more} @Get() get() {}`,
      `import { Throttle, SkipThrottle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';`,
      '{ provide: APP_GUARD, useClass: ThrottlerGuard }',
    ).then((it) => it.rateLimiters.map((one) => [one.limit.state === 'known' && one.limit.value, one.windowMs.state === 'known' && one.windowMs.value, one.endpoints]));
  it('a list counts milliseconds', async () => expect(await limits('[{ ttl: 60000, limit: 10 }]')).toEqual([[10, 60_000, ['app GET /it']]]));
  it('an object of old counts seconds', async () => expect(await limits('{ ttl: 60, limit: 10 }')).toEqual([[10, 60_000, ['app GET /it']]]));
  it('a route says its own', async () =>
    expect(await limits('[{ ttl: 60000, limit: 10 }]', '@Throttle({ default: { limit: 3, ttl: 1000 } })')).toEqual([[3, 1000, ['app GET /it']]]));
  it('a route is left out', async () => expect(await limits('[{ ttl: 60000, limit: 10 }]', '@SkipThrottle()')).toEqual([]));
});

describe('configuration', () => {
  const pool = (load: string, env: Record<string, string> = {}): Promise<Topology> =>
    topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', typeorm: '^0.3.0', pg: '^8.0.0' } }),
      '.env': Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .join('\n'),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; NestFactory.create(AppModule).then((app) => app.listen(3000));`,
      'src/app.module.ts': `import { Module } from '@nestjs/common'; import { ConfigModule, ConfigService, registerAs } from '@nestjs/config'; import { TypeOrmModule } from '@nestjs/typeorm';
        const database = registerAs('database', () => ({ host: process.env.DB_HOST || 'store', max: parseInt(process.env.DB_POOL, 10) || 12 }));
        @Module({ imports: [ConfigModule.forRoot({ isGlobal: true, load: [database] }), TypeOrmModule.forRootAsync({ inject: [ConfigService], useFactory: (config: ConfigService) => ({ type: 'postgres', ${load} }) })] }) export class AppModule {}`,
    });
  it.each<[string, string, Record<string, string>, unknown]>([
    ['a namespace', `host: config.get('database.host'), extra: { max: config.get('database.max') }`, {}, { value: 12 }],
    ['a namespace by a variable', `extra: { max: config.get<number>('database.max') }`, { DB_POOL: '33' }, { value: 33 }],
    ['a variable', `extra: { max: config.get('DB_POOL') }`, { DB_POOL: '33' }, { value: 33 }],
    ['a default', `extra: { max: config.get('DB_POOL', 7) }`, {}, { value: 7 }],
    ['a variable that nobody sets', `extra: { max: config.getOrThrow('DB_POOL') }`, {}, { state: 'unknown' }],
  ])('%s', async (_name, options, env, max) => expect((await pool(options, env)).pools).toMatchObject([{ max }]));
});

it.each([
  ['forRoot', `KyselyModule.forRoot({ dialect: new PostgresDialect({ pool: new Pool({ host: 'store', max: 9 }) }) })`],
  ['forRootAsync', `KyselyModule.forRootAsync({ inject: [], useFactory: () => ({ dialect: new PostgresDialect({ pool: new Pool({ host: 'store', max: 9 }) }) }) })`],
])('nestjs-kysely: %s', async (_name, module) => {
  const topology = await nest(
    module,
    `constructor(@InjectKysely() private readonly db: Kysely<any>) {} @Get() get() { return this.db.selectFrom('pages').selectAll().where('id', '=', 1).executeTakeFirst(); }`,
    `import { KyselyModule, InjectKysely } from 'nestjs-kysely'; import { Kysely, PostgresDialect } from 'kysely';`,
    '',
    { 'nestjs-kysely': '^3.0.0', kysely: '^0.28.0', pg: '^8.0.0' },
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT pages']);
  expect(topology.pools.filter((it) => it.target === 'store')).toMatchObject([{ library: 'pg', max: { value: 9 } }]);
});

it.each([
  ['forRoot', `PrismaModule.forRoot({ isGlobal: true })`, 'prisma: PrismaService', 'prisma', 'postgres'],
  [
    'forRootAsync',
    `PrismaModule.forRootAsync({ isGlobal: true, useFactory: () => ({ prismaOptions: { datasourceUrl: 'postgres://store/pages' } }) })`,
    'prisma: PrismaService',
    'prisma',
    'store',
  ],
  [
    'a client of its own',
    `CustomPrismaModule.forRootAsync({ name: 'Own', useFactory: () => new PrismaClient() })`,
    `@Inject('Own') prisma: CustomPrismaService<PrismaClient>`,
    'prisma.client',
    'postgres',
  ],
])('nestjs-prisma: %s', async (_name, module, parameter, client, store) => {
  const topology = await nest(
    module,
    `constructor(${parameter.replace('prisma:', 'private readonly prisma:')}) {} @Get() get() { return this.${client}.page.findMany({ take: 5 }); }`,
    `import { PrismaModule, PrismaService, CustomPrismaModule, CustomPrismaService } from 'nestjs-prisma'; import { PrismaClient } from '@prisma/client';`,
    '',
    { 'nestjs-prisma': '^0.25.0', '@prisma/client': '^6.0.0' },
    { 'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\nmodel Page {\n  id Int @id\n}\n' },
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['page.findMany']);
  expect(topology.pools.filter((it) => it.library === 'prisma').map((it) => it.target)).toEqual([store]);
});

it.each([
  ['forRoot', `SlonikModule.forRoot({ connectionUri: 'postgres://app@store/pages', clientConfiguration: { maximumPoolSize: 9 } })`, '', 9],
  ['forRoot with defaults', `SlonikModule.forRoot({ connectionUri: 'postgres://app@store/pages' })`, '', 10],
  [
    'forRootAsync, by name',
    `SlonikModule.forRootAsync({ name: 'main', useFactory: () => ({ connectionUri: 'postgres://app@store/pages', clientConfiguration: { maximumPoolSize: 9 } }) })`,
    `'main'`,
    9,
  ],
])('nestjs-slonik: %s', async (_name, module, name, max) => {
  const topology = await nest(
    module,
    `constructor(@InjectPool(${name}) private readonly pool: DatabasePool) {} @Get() get() { return this.pool.one(sql.type(row)\`SELECT * FROM pages WHERE id = \${1}\`); }`,
    `import { SlonikModule, InjectPool } from 'nestjs-slonik'; import { type DatabasePool, sql } from 'slonik';`,
    '',
    { 'nestjs-slonik': '^10.0.0', slonik: '^46.0.0' },
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT pages']);
  expect(topology.pools.filter((it) => it.target === 'store')).toMatchObject([{ library: 'slonik', max: { value: max } }]);
});

it.each([
  ['forRoot', `KnexModule.forRoot({ config: { client: 'pg', connection: { host: 'store' }, pool: { max: 9 } } })`, 'nest-knexjs', 'InjectConnection'],
  [
    'forRootAsync',
    `KnexModule.forRootAsync({ useFactory: () => ({ config: { client: 'pg', connection: { host: 'store' }, pool: { max: 9 } } }) })`,
    'nest-knexjs',
    'InjectConnection',
  ],
  ['the other library', `KnexModule.forRoot({ config: { client: 'pg', connection: { host: 'store' }, pool: { max: 9 } } }, 'main')`, 'nestjs-knex', 'InjectKnex'],
])('Knex: %s', async (_name, module, library, decorator) => {
  const topology = await nest(
    module,
    `constructor(@${decorator}(${library === 'nestjs-knex' ? "'main'" : ''}) private readonly knex: Knex) {} @Get() get() { return this.knex('pages').where('id', 1).first(); }`,
    `import { KnexModule, ${decorator} } from '${library}'; import { Knex } from 'knex';`,
    '',
    { [library]: '*', knex: '^3.0.0', pg: '^8.0.0' },
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT pages']);
  expect(topology.pools.filter((it) => it.target === 'store')).toMatchObject([{ library: 'knex', max: { value: 9 } }]);
});

describe('queues', () => {
  it('bullmq: a processor and who adds to its queue', async () => {
    const topology = await nest(
      `BullModule.forRoot({ connection: { host: 'cache' } }), BullModule.registerQueue({ name: 'audio' })`,
      `constructor(@InjectQueue('audio') private queue: Queue) {} @Post() async add() { await this.queue.add('transcode', {}); }`,
      `import { BullModule, InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq'; import { Queue } from 'bullmq';
        @Processor('audio', { concurrency: 5 }) class Audio extends WorkerHost { async process(job) { await ${query('jobs')}; } }`,
      'Audio',
      { bullmq: '^5.0.0' },
    );
    expect(stepsOf(topology, 'app POST /it')).toEqual(['publish to audio']);
    expect(topology.channels).toMatchObject([{ name: 'audio', producers: [{ component: 'app' }], consumers: [{ component: 'audio-worker', concurrency: { value: 5 } }] }]);
    expect(stepsOf(topology, 'audio-worker consumes audio')).toEqual(['SELECT jobs']);
  });

  it('bull: named jobs of one queue', async () => {
    const topology = await nest(
      `BullModule.forRoot({ redis: { host: 'cache' } }), BullModule.registerQueue({ name: 'audio' })`,
      '',
      `import { BullModule, Process, Processor } from '@nestjs/bull';
        @Processor('audio') class Audio { @Process({ name: 'short', concurrency: 3 }) short() { return ${query('short')}; } @Process('long') long() { return ${query('long')}; } }`,
      'Audio',
      { bull: '^4.0.0' },
    );
    expect(topology.channels).toMatchObject([{ name: 'audio', consumers: [{ concurrency: { value: 3 } }] }]);
    const consumer = topology.endpoints.find((it) => it.trigger.kind === 'message')?.id ?? '';
    expect(stepsOf(topology, consumer)).toEqual(['kind of job', 'kind of job > SELECT short', 'kind of job > SELECT long']);
  });
});

describe('schedule', () => {
  it.each<[string, number | undefined]>([
    ['*/5 * * * *', 300_000],
    ['45 * * * * *', 60_000],
    ['0 0 * * *', 86_400_000],
    ['0 9-17 * * *', 9_600_000],
    ['EVERY_10_SECONDS', 10_000],
    ['EVERY_HOUR', 3_600_000],
    ['0 0 * * 1-5', 120_960_000],
    ['0 12 * * MON', 7 * 86_400_000],
    ['0 13 1 * *', (365.25 / 12) * 86_400_000],
    ['0 0 1 JAN,JUL *', (365.25 / 2) * 86_400_000],
    ['0 0 13 * 5', undefined],
    ['0 0 L * *', undefined],
    ['when I like', undefined],
  ])('%s', (expression, expected) => expect(everyMsOf(expression)).toBe(expected));

  it('a method that a clock calls', async () => {
    const topology = await nest(
      'ScheduleModule.forRoot()',
      '',
      `import { Cron, CronExpression, ScheduleModule } from '@nestjs/schedule'; @Injectable() class Tasks { @Cron(CronExpression.EVERY_5_MINUTES) async run() { await ${query('due')}; } }`,
      'Tasks',
    );
    expect(topology.endpoints.find((it) => it.trigger.kind === 'schedule')?.trigger).toMatchObject({ everyMs: { value: 300_000, basis: 'declared' } });
    expect(stepsOf(topology, 'app timer')).toEqual(['SELECT due']);
  });
});

it('axios: base URL and timeout of the module', async () => {
  const topology = await nest(
    `HttpModule.register({ baseURL: 'https://api.prices.example', timeout: 5000 })`,
    `constructor(private readonly http: HttpService) {} @Get() async get() { return (await firstValueFrom(this.http.get('/now'))).data; }`,
    `import { HttpModule, HttpService } from '@nestjs/axios'; import { firstValueFrom } from 'rxjs';`,
  );
  expect(topology.endpoints[0]?.steps.find((it) => it.kind === 'request')).toMatchObject({ target: 'prices', timeoutMs: { value: 5000, basis: 'declared' } });
});

it('graphql: queries and mutations of resolvers', async () => {
  const topology = await nest(
    `GraphQLModule.forRoot({ autoSchemaFile: true })`,
    '',
    `import { Args, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
      @Resolver() class Cats { @Query(() => [String]) cats() { return ${query('cats')}; } @Mutation(() => String, { name: 'addCat' }) add(@Args('name') name: string) { return ${query('added')}; } }`,
    'Cats',
  );
  expect(stepsOf(topology, 'app POST /graphql')).toEqual(['field cats', 'field cats > SELECT cats', 'field cats > SELECT added']);
});

// https://docs.nestjs.com/graphql/resolvers-map
it.each<[string, string, string[]]>([
  ['fields of each object of a list', `return ${query('posts')};`, ['each at once', 'each at once > SELECT posts']],
  ['through a loader', `return this.loader.load(author.id);`, ['SELECT posts']],
])('graphql: %s', async (_name, body, steps) => {
  const topology = await nest(
    `GraphQLModule.forRoot({ autoSchemaFile: true })`,
    '',
    `import { Field, GraphQLModule, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql'; import DataLoader from 'dataloader';
      @ObjectType() class Post {} @ObjectType() class Author {}
      @Resolver(() => Author) class Authors { loader = new DataLoader((ids) => ${query('posts')}); @Query(() => [Author]) authors() { return ${query('authors')}; } @ResolveField('posts', () => [Post]) posts(@Parent() author: Author) { ${body} } }`,
    'Authors',
    { dataloader: '^2.0.0' },
  );
  expect(stepsOf(topology, 'app POST /graphql')).toEqual(['SELECT authors', 'Author.posts asked for', ...steps.map((it) => `Author.posts asked for > ${it}`)]);
});

// https://docs.nestjs.com/graphql/other-features
it.each<[string, string, string[]]>([
  ['before the query alone', '', ['Author.posts asked for > SELECT posts']],
  ['before fields of objects where the module says so', `, fieldResolverEnhancers: ['guards']`, ['Author.posts asked for > SELECT guard', 'Author.posts asked for > SELECT posts']],
])('graphql: guards stand %s', async (_name, options, steps) => {
  const topology = await nest(
    `GraphQLModule.forRoot({ autoSchemaFile: true${options} })`,
    '',
    `import { GraphQLModule, ObjectType, Query, ResolveField, Resolver } from '@nestjs/graphql';
      class G { canActivate() { return ${query('guard')}; } }
      @ObjectType() class Post {} @ObjectType() class Author {}
      @UseGuards(G) @Resolver(() => Author) class Authors { @Query(() => Author) author() { return ${query('authors')}; } @ResolveField('posts', () => Post) posts() { return ${query('posts')}; } }`,
    'Authors',
  );
  expect(stepsOf(topology, 'app POST /graphql')).toEqual(['SELECT guard', 'SELECT authors', 'Author.posts asked for', ...steps]);
});

// https://docs.nestjs.com/recipes/cqrs
describe('cqrs', () => {
  const steps = (body: string): Promise<string[]> =>
    nest(
      'CqrsModule.forRoot()',
      `constructor(private commandBus: CommandBus, private queryBus: QueryBus, private eventBus: EventBus) {} @Post() async post() { ${body} }`,
      `import { CommandBus, CommandHandler, CqrsModule, EventBus, EventsHandler, QueryBus, QueryHandler } from '@nestjs/cqrs';
        class KillDragon { constructor(id) {} } class GetHero {} class DragonKilled {} class Nobody {}
        @CommandHandler(KillDragon) class KillDragonHandler { async execute(command) { await ${query('heroes')}; } }
        @QueryHandler(GetHero) class GetHeroHandler { async execute() { return ${query('read')}; } }
        @EventsHandler(DragonKilled) class DragonKilledHandler { handle(event) { return ${query('events')}; } }`,
      'KillDragonHandler, GetHeroHandler, DragonKilledHandler',
    ).then((it) => stepsOf(it, 'app POST /it'));
  it.each<[string, string, string[]]>([
    ['a command runs where it is given', 'await this.commandBus.execute(new KillDragon(1));', ['SELECT heroes']],
    ['a query too', 'return this.queryBus.execute(new GetHero());', ['SELECT read']],
    ['nobody waits for events', 'this.eventBus.publish(new DragonKilled()); await this.queryBus.execute(new GetHero());', ['SELECT events~', 'SELECT read']],
    ['several events', 'this.eventBus.publishAll([new DragonKilled(), new DragonKilled()]);', ['SELECT events~', 'SELECT events~']],
    ['a message without a handler', 'await this.commandBus.execute(new Nobody());', []],
  ])('%s', async (_name, body, expected) => expect(await steps(body)).toEqual(expected));
});

// https://docs.nestjs.com/techniques/queues
it('a worker is started where the application names its module', async () => {
  const files = (imports: string) => `import { BullModule, Processor, WorkerHost } from '@nestjs/bullmq';
        @Processor('mails') class Mails extends WorkerHost { async process(job) { await ${query('mails')}; } }
        @Module({ imports: [BullModule.registerQueue({ name: 'mails' })], providers: [Mails] }) class MailModule {}
        @Module({ imports: [${imports}] }) class Other {}`;
  const startOf = async (own: string, others: string) => {
    const topology = await nest(`BullModule.forRoot({ connection: { host: 'redis' } }),\n${own}`, '@Get() get() {}', files(others));
    const [consumer] = topology.channels.find((it) => it.id === 'mails')?.consumers ?? [];
    return consumer && { made: consumer.place.line, started: consumer.startedAt?.line };
  };
  expect(await startOf('MailModule, Other', '')).toEqual({ made: 3, started: 8 });
  expect(await startOf('Other', 'MailModule')).toEqual({ made: 3, started: undefined });
});

// https://docs.nestjs.com/techniques/events
describe('events', () => {
  const steps = (body: string): Promise<string[]> =>
    nest(
      'EventEmitterModule.forRoot()',
      `constructor(private eventEmitter: EventEmitter2) {} @Post() async post() { ${body} }`,
      `import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
        class OrderCreated { static getName() { return 'order.created'; } }
        @Injectable() class Listener { @OnEvent('order.created') async onOrder(event) { await ${query('mails')}; } @OnEvent(OrderCreated.getName()) async count() { await ${query('counts')}; } }`,
      'Listener',
    ).then((it) => stepsOf(it, 'app POST /it'));
  it.each<[string, string, string[]]>([
    ['nobody waits for listeners', `this.eventEmitter.emit("order.created", {}); await ${query('orders')};`, ['SELECT mails~', 'SELECT counts~', 'SELECT orders']],
    ['unless the emitter says so', "await this.eventEmitter.emitAsync('order.created', {});", ['SELECT mails', 'SELECT counts']],
    ['another event', "this.eventEmitter.emit('order.paid', {});", []],
  ])('%s', async (_name, body, expected) => expect(await steps(body)).toEqual(expected));
});

// https://docs.nestjs.com/websockets/gateways
it('gateways: messages, behind their guards, and what a new connection asks', async () => {
  const topology = await nest(
    '',
    '',
    `import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
      class G { canActivate() { return ${query('sessions')}; } }
      @WebSocketGateway(80, { namespace: 'events' }) class Events { @WebSocketServer() server; async handleConnection(client) { await ${query('users')}; }
        @UseGuards(G) @SubscribeMessage('identity') async identity(@MessageBody() data: number, @ConnectedSocket() client) { await ${query('messages')}; this.server.emit('identity', data); } }`,
    'Events',
  );
  expect(stepsOf(topology, 'app WS /events/identity')).toEqual(['SELECT sessions', 'SELECT messages']);
  expect(stepsOf(topology, 'app WS /events/connection')).toEqual(['SELECT users']);
});

// https://docs.nestjs.com/recipes/terminus
it('terminus: a health route, and what it asks', async () => {
  const topology = await nest(
    'TerminusModule, HealthModule',
    '',
    `import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
      @Controller('health') class Health { constructor(private health: HealthCheckService) {} @Get() @HealthCheck() check() { return this.health.check([() => ${query('ping')}]); } }
      @Module({ controllers: [Health] }) class HealthModule {}`,
    '',
  );
  expect(topology.facts.filter((it) => it.type === 'health_check').map((it) => it.subject)).toEqual(['app', 'app terminus']);
  expect(stepsOf(topology, 'app GET /health')).toEqual(['SELECT ping']);
  expect(topology.endpoints.find((it) => it.id === 'app GET /health')?.role).toBe('excluded');
});

describe('microservices', () => {
  const services = (transport: string, client: string, handler: string): Record<string, string> => ({
    'docker-compose.yml': `services:\n  web:\n    build: web\n    ports: ["1:1"]\n  math:\n    build: math\n  broker:\n    image: rabbitmq:3\n  log:\n    image: apache/kafka:3\n  bus:\n    image: nats:2\n`,
    'web/Dockerfile': 'FROM node:22\nCMD ["node", "dist/main.js"]\n',
    'math/Dockerfile': 'FROM node:22\nCMD ["node", "dist/main.js"]\n',
    'web/package.json': JSON.stringify({ name: 'web', dependencies: { '@nestjs/core': '^11.0.0' } }),
    'math/package.json': JSON.stringify({ name: 'math', dependencies: { '@nestjs/core': '^11.0.0', pg: '^8.0.0' } }),
    'web/src/main.ts': `import { NestFactory } from '@nestjs/core'; import { Controller, Get, Inject, Module } from '@nestjs/common'; import { ClientsModule, Transport } from '@nestjs/microservices';
      @Controller() class It { constructor(@Inject('MATH') private math) {} ${client} }
      @Module({ imports: [ClientsModule.register([{ name: 'MATH', ${transport} }])], controllers: [It] }) class AppModule {}
      NestFactory.create(AppModule).then((app) => app.listen(3000));`,
    'math/src/main.ts': `import { NestFactory } from '@nestjs/core'; import { Controller, Module } from '@nestjs/common'; import { EventPattern, GrpcMethod, MessagePattern, Transport } from '@nestjs/microservices'; import { Pool } from 'pg';
      const pool = new Pool({ host: 'db' });
      @Controller() class MathController { ${handler} sum() { return ${query('sums')}; } }
      @Module({ controllers: [MathController] }) class AppModule {}
      NestFactory.createMicroservice(AppModule, { ${transport} }).then((app) => app.listen());`,
  });
  const send = `@Get('it') get() { return this.math.send({ cmd: 'sum' }, [1]); }`;
  it.each<[string, string, string, string, string[], string]>([
    ['TCP', `transport: Transport.TCP, options: { host: 'math', port: 3001 }`, send, `@MessagePattern({ cmd: 'sum' })`, ['math query db', 'web tcp math'], 'math POST /cmd:sum'],
    [
      'gRPC',
      `transport: Transport.GRPC, options: { url: 'math:50051', package: 'math' }`,
      `onModuleInit() { this.service = this.math.getService('MathService'); } @Get('it') get() { return this.service.sum({}); }`,
      `@GrpcMethod('MathService', 'Sum')`,
      ['math query db', 'web grpc math'],
      'math POST /MathService/sum',
    ],
    [
      'RabbitMQ',
      `transport: Transport.RMQ, options: { urls: ['amqp://broker:5672'], queue: 'math_queue', prefetchCount: 4 }`,
      send,
      `@MessagePattern({ cmd: 'sum' })`,
      ['math consume broker', 'math query db', 'web publish broker'],
      'math consumes math_queue',
    ],
    [
      'Kafka',
      `transport: Transport.KAFKA, options: { client: { brokers: ['log:9092'] } }`,
      `@Get('it') get() { return this.math.emit('sums', {}); }`,
      `@EventPattern('sums')`,
      ['math consume log', 'math query db', 'web publish log'],
      'math consumes sums',
    ],
    [
      'NATS',
      `transport: Transport.NATS, options: { servers: ['nats://bus:4222'] }`,
      `@Get('it') get() { return this.math.emit('sums', {}); }`,
      `@EventPattern('sums')`,
      ['math consume bus', 'math query db', 'web publish bus'],
      'math consumes sums',
    ],
  ])('%s', async (_name, transport, client, handler, calls, endpoint) => {
    const topology = await topologyOf(services(transport, client, handler));
    expect(callsOf(topology)).toEqual(calls);
    expect(stepsOf(topology, endpoint)).toEqual(['SELECT sums']);
    const asked = topology.endpoints.find((it) => it.id === 'web GET /it')?.steps.find((it) => it.kind === 'request');
    expect(asked && 'endpoint' in asked ? asked.endpoint : endpoint).toBe(endpoint);
    expect(componentsOf(topology)).toContain(endpoint.includes('consumes') ? 'math worker' : 'math service');
  });
});
