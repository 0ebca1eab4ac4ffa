import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const nest = (dependencies: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', ...dependencies } }),
  'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
  ...files,
});

/** After the documentation's cats: module, controller, service, and what the service stores them with. */
const cats = (module: string, service: string, imports = ''): Record<string, string> => ({
  'src/app.module.ts': `import { Module } from '@nestjs/common'; import { CatsModule } from './cats/cats.module'; ${imports}
    @Module({ imports: [CatsModule, ${module}] }) export class AppModule {}`,
  'src/cats/cats.controller.ts': `import { Body, Controller, Get, Param, Post } from '@nestjs/common'; import { CatsService } from './cats.service'; import { CreateCat } from './create-cat';
    @Controller('cats') export class CatsController {
      constructor(private readonly cats: CatsService) {}
      @Get() findAll() { return this.cats.findAll(); }
      @Get(':id') findOne(@Param('id') id: string) { return this.cats.findOne(id); }
      @Post() async create(@Body() body: CreateCat) { await this.cats.create(body); }
    }`,
  'src/cats/create-cat.ts': `export class CreateCat {}`,
  'src/cats/cats.service.ts': service,
});

describe('typeorm', () => {
  const entity = { 'src/cats/cat.entity.ts': `import { Entity } from 'typeorm'; @Entity() export class Cat {}` };
  const service = `import { Injectable } from '@nestjs/common'; import { InjectRepository } from '@nestjs/typeorm'; import { Repository } from 'typeorm'; import { Cat } from './cat.entity';
    @Injectable() export class CatsService { constructor(@InjectRepository(Cat) private readonly cats: Repository<Cat>) {}
      findAll() { return this.cats.find(); }
      findOne(id: string) { return this.cats.findOneBy({ id }); }
      async create(it) { await this.cats.save(it); } }`;
  const module = {
    'src/cats/cats.module.ts': `import { Module } from '@nestjs/common'; import { TypeOrmModule } from '@nestjs/typeorm'; import { Cat } from './cat.entity'; import { CatsController } from './cats.controller'; import { CatsService } from './cats.service';
      @Module({ imports: [TypeOrmModule.forFeature([Cat])], controllers: [CatsController], providers: [CatsService] }) export class CatsModule {}`,
  };
  it.each<[string, string, string, unknown]>([
    ['options', `TypeOrmModule.forRoot({ type: 'postgres', host: 'localhost', extra: { max: 30 } })`, '', { value: 30, basis: 'declared' }],
    ["the driver's pool", `TypeOrmModule.forRoot({ type: 'postgres', host: 'localhost' })`, '', { value: 10, basis: 'libraryDefault' }],
    ['a factory', `TypeOrmModule.forRootAsync({ useFactory: async () => ({ type: 'postgres', poolSize: 25 }) })`, '', { value: 25, basis: 'declared' }],
    [
      'a class',
      `TypeOrmModule.forRootAsync({ useClass: Options })`,
      `class Options { createTypeOrmOptions() { return { type: 'postgres', extra: { max: process.env.POOL } }; } }`,
      { state: 'unknown' },
    ],
  ])('from the controller to the pool: %s', async (_name, options, extra, max) => {
    const topology = await topologyOf(
      nest({ typeorm: '^0.3.0', pg: '^8.0.0' }, { ...cats(options, service, `import { TypeOrmModule } from '@nestjs/typeorm'; ${extra}`), ...module, ...entity }),
    );
    expect(topology.problems).toEqual([]);
    expect(topology.endpoints.map((it) => it.id)).toEqual(['app GET /cats', 'app GET /cats/:id', 'app POST /cats']);
    expect(stepsOf(topology, 'app GET /cats')).toEqual(['Cat.find']);
    expect(stepsOf(topology, 'app GET /cats/:id')).toEqual(['Cat.findOneBy']);
    expect(stepsOf(topology, 'app POST /cats')).toEqual(['Cat.save']);
    expect(callsOf(topology)).toEqual(['app query postgres']);
    expect(topology.pools).toMatchObject([{ library: 'typeorm', target: 'postgres', max }]);
  });
});

describe('mongoose', () => {
  it('a model by its name', async () => {
    const topology = await topologyOf(
      nest(
        { mongoose: '^8.0.0' },
        {
          ...cats(
            `MongooseModule.forRoot('mongodb://localhost/nest', { maxPoolSize: 40 })`,
            `import { Injectable } from '@nestjs/common'; import { InjectModel } from '@nestjs/mongoose'; import { Model } from 'mongoose'; import { Cat } from './cat.schema';
              @Injectable() export class CatsService { constructor(@InjectModel(Cat.name) private cats: Model<Cat>) {}
                findAll() { return this.cats.find().exec(); } findOne(id) { return this.cats.findById(id); } async create(it) { const made = new this.cats(it); return made.save(); } }`,
            `import { MongooseModule } from '@nestjs/mongoose';`,
          ),
          'src/cats/cat.schema.ts': `import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose'; @Schema() export class Cat { @Prop() name: string; } export const CatSchema = SchemaFactory.createForClass(Cat);`,
          'src/cats/cats.module.ts': `import { Module } from '@nestjs/common'; import { MongooseModule } from '@nestjs/mongoose'; import { Cat, CatSchema } from './cat.schema'; import { CatsController } from './cats.controller'; import { CatsService } from './cats.service';
            @Module({ imports: [MongooseModule.forFeature([{ name: Cat.name, schema: CatSchema }])], controllers: [CatsController], providers: [CatsService] }) export class CatsModule {}`,
        },
      ),
    );
    expect(stepsOf(topology, 'app GET /cats')).toEqual(['Cat.find']);
    expect(stepsOf(topology, 'app GET /cats/:id')).toEqual(['Cat.findById']);
    expect(stepsOf(topology, 'app POST /cats')).toEqual(['Cat.save']);
    expect(callsOf(topology)).toEqual(['app query mongodb']);
    expect(topology.pools).toMatchObject([{ library: 'mongoose', max: { value: 40, basis: 'declared' } }]);
  });
});

describe('what is injected', () => {
  const reading = (providers: string, inject: string, more = ''): Promise<Topology> =>
    topologyOf(
      nest(
        { pg: '^8.0.0' },
        {
          'src/app.module.ts': `import { Module, Controller, Get, Inject, Injectable, forwardRef, Scope } from '@nestjs/common'; import { Pool } from 'pg';
            const DB = Symbol('db'); const pool = new Pool({ host: 'db' });
            abstract class Store { abstract all(): unknown; }
            @Injectable() class PoolStore extends Store { all() { return pool.query('SELECT 1 FROM own'); } }
            ${more}
            @Controller() class It { constructor(${inject}) {} @Get('it') get() { return this.store.all(); } }
            @Module({ controllers: [It], providers: [${providers}] }) export class AppModule {}`,
        },
      ),
    );
  it.each<[string, string, string, string?]>([
    ['by its class', 'PoolStore', 'private store: PoolStore'],
    ['by an abstract class', '{ provide: Store, useClass: PoolStore }', 'private store: Store'],
    ['by a text', `{ provide: 'STORE', useClass: PoolStore }`, `@Inject('STORE') private store`],
    ['by a symbol', '{ provide: DB, useClass: PoolStore }', '@Inject(DB) private readonly store: any'],
    ['a value', `{ provide: 'STORE', useValue: new PoolStore() }`, `@Inject('STORE') private store`],
    ['what a factory makes of another', `PoolStore, { provide: 'STORE', useFactory: async (it) => it, inject: [PoolStore] }`, `@Inject('STORE') private store`],
    ['another name', `PoolStore, { provide: 'STORE', useExisting: PoolStore }`, `@Inject('STORE') private store`],
    ['through a reference', 'PoolStore', '@Inject(forwardRef(() => PoolStore)) private store: PoolStore'],
    [
      'two that need each other',
      'A, B',
      'private store: A',
      `@Injectable() class A { constructor(@Inject(forwardRef(() => B)) private b: any) {} all() { return this.b.all(); } } @Injectable() class B { constructor(private a: A) {} all() { return pool.query('SELECT 1 FROM own'); } }`,
    ],
    [
      'into the parent',
      'PoolStore, A',
      'private store: A',
      `@Injectable() class Base { constructor(protected s: PoolStore) {} all() { return this.s.all(); } } @Injectable() class A extends Base {}`,
    ],
    ['into a field', 'PoolStore, A', 'private store: A', `@Injectable() class A { @Inject() private s: PoolStore; all() { return this.s.all(); } }`],
  ])('%s', async (_name, providers, inject, more) => expect(stepsOf(await reading(providers, inject, more), 'app GET /it')).toEqual(['SELECT own']));

  it('what nobody provides stays unknown', async () =>
    expect((await reading('', 'private store: Store')).endpoints).toMatchObject([{ id: 'app GET /it', unread: expect.any(String) }]));
});
