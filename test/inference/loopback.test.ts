import { expect, it } from 'vitest';
import { callsOf, stepsOf, topologyOf } from './memory-workspace.ts';

/** After the todo-list tutorial (loopback.io/doc/en/lb4/todo-list-tutorial.html) and its page on calling other APIs. */
const files = {
  'package.json': JSON.stringify({
    name: 'todo',
    main: 'dist/index.js',
    scripts: { start: 'node -r source-map-support/register .' },
    dependencies: {
      '@loopback/boot': '7',
      '@loopback/core': '6',
      '@loopback/repository': '7',
      '@loopback/rest': '14',
      '@loopback/service-proxy': '7',
      'loopback-connector-postgresql': '7',
    },
  }),
  'src/index.ts': `import { ApplicationConfig, TodoListApplication } from './application';
    export * from './application';
    export async function main(options: ApplicationConfig = {}) { const app = new TodoListApplication(options); await app.boot(); await app.start(); return app; }
    if (require.main === module) { main({ rest: { port: 3000 } }).catch((err) => { process.exit(1); }); }`,
  'src/application.ts': `import { BootMixin } from '@loopback/boot'; import { ApplicationConfig } from '@loopback/core'; import { RepositoryMixin } from '@loopback/repository'; import { RestApplication } from '@loopback/rest'; import { ServiceMixin } from '@loopback/service-proxy';
    import { MySequence } from './sequence'; import { Hashing } from './keys'; import { Hasher } from './services/hasher';
    export { ApplicationConfig };
    export class TodoListApplication extends BootMixin(ServiceMixin(RepositoryMixin(RestApplication))) {
      constructor(options: ApplicationConfig = {}) { super(options); this.sequence(MySequence); this.bind(Hashing.HASHER).toClass(Hasher); this.projectRoot = __dirname; this.bootOptions = { controllers: { dirs: ['controllers'], extensions: ['.controller.js'], nested: true } }; }
    }`,
  'src/sequence.ts': `import { MiddlewareSequence } from '@loopback/rest'; export class MySequence extends MiddlewareSequence {}`,
  'src/keys.ts': `import { BindingKey } from '@loopback/core'; export namespace Hashing { export const HASHER = BindingKey.create<object>('services.hasher.own'); }`,
  'src/services/hasher.ts': `import { hash } from 'bcrypt'; export class Hasher { async hash(text: string) { return hash(text, 10); } }`,
  'src/datasources/db.datasource.ts': `import { inject, lifeCycleObserver } from '@loopback/core'; import { juggler } from '@loopback/repository';
    const config = { name: 'db', connector: 'postgresql', url: '', host: 'db', port: 5432, user: 'app', password: '', database: 'todo', max: 7 };
    @lifeCycleObserver('datasource')
    export class DbDataSource extends juggler.DataSource { static dataSourceName = 'db'; static readonly defaultConfig = config;
      constructor(@inject('datasources.config.db', { optional: true }) dsConfig: object = config) { super(dsConfig); } }`,
  'src/datasources/carts.datasource.ts': `import { inject } from '@loopback/core'; import { juggler } from '@loopback/repository';
    const config = { name: 'carts', connector: 'kv-redis', host: 'cache', port: 6379 };
    export class CartsDataSource extends juggler.DataSource { static dataSourceName = 'carts';
      constructor(@inject('datasources.config.carts', { optional: true }) dsConfig: object = config) { super(dsConfig); } }`,
  'src/datasources/geocoder.datasource.ts': `import { inject } from '@loopback/core'; import { juggler } from '@loopback/repository';
    const config = { name: 'geocoder', connector: 'rest', crud: false, operations: [{ template: { method: 'GET', url: 'https://geocoding.geo.census.gov/geocoder/locations', query: { address: '{address}' } }, functions: { geocode: ['address'] } }] };
    export class GeocoderDataSource extends juggler.DataSource { static dataSourceName = config.name;
      constructor(@inject('datasources.config.geocoder', { optional: true }) dsConfig: object = config) { super(dsConfig); } }`,
  'src/services/geocoder.service.ts': `import { inject, Provider } from '@loopback/core'; import { getService } from '@loopback/service-proxy'; import { GeocoderDataSource } from '../datasources/geocoder.datasource';
    export class GeocoderProvider implements Provider<object> { constructor(@inject('datasources.geocoder') protected dataSource: GeocoderDataSource) {} value() { return getService(this.dataSource); } }`,
  'src/models/todo.model.ts': `import { Entity, model, property } from '@loopback/repository'; @model() export class Todo extends Entity { @property({ type: 'number', id: true }) id?: number; }`,
  'src/models/todo-list.model.ts': `import { Entity, model, property } from '@loopback/repository'; @model() export class TodoList extends Entity { @property({ type: 'number', id: true }) id?: number; }`,
  'src/repositories/index.ts': `export * from './todo.repository'; export * from './todo-list.repository'; export * from './cart.repository';`,
  'src/repositories/cart.repository.ts': `import { inject } from '@loopback/core'; import { DefaultKeyValueRepository } from '@loopback/repository'; import { CartsDataSource } from '../datasources/carts.datasource'; import { Todo } from '../models/todo.model';
    export class CartRepository extends DefaultKeyValueRepository<Todo> { constructor(@inject('datasources.carts') dataSource: CartsDataSource) { super(Todo, dataSource); } }`,
  'src/repositories/todo.repository.ts': `import { Getter, inject } from '@loopback/core'; import { BelongsToAccessor, DefaultCrudRepository, repository } from '@loopback/repository'; import { DbDataSource } from '../datasources/db.datasource'; import { Todo } from '../models/todo.model'; import { TodoListRepository } from './todo-list.repository';
    export class TodoRepository extends DefaultCrudRepository<Todo, number> { public readonly todoList: BelongsToAccessor<object, number>;
      constructor(@inject('datasources.db') dataSource: DbDataSource, @repository.getter('TodoListRepository') protected getter: Getter<TodoListRepository>) { super(Todo, dataSource); this.todoList = this.createBelongsToAccessorFor('todoList', getter); } }`,
  'src/repositories/todo-list.repository.ts': `import { Getter, inject } from '@loopback/core'; import { DefaultCrudRepository, HasManyRepositoryFactory, repository } from '@loopback/repository'; import { DbDataSource } from '../datasources/db.datasource'; import { TodoList } from '../models/todo-list.model'; import { TodoRepository } from './todo.repository';
    export class TodoListRepository extends DefaultCrudRepository<TodoList, number> { public readonly todos: HasManyRepositoryFactory<object, number>;
      constructor(@inject('datasources.db') dataSource: DbDataSource, @repository.getter(TodoRepository) protected getter: Getter<TodoRepository>) { super(TodoList, dataSource); this.todos = this.createHasManyRepositoryFactoryFor('todos', getter); this.registerInclusionResolver('todos', this.todos.inclusionResolver); } }`,
  'src/controllers/todo.controller.ts': `import { inject } from '@loopback/core'; import { Filter, repository } from '@loopback/repository'; import { del, get, getModelSchemaRef, HttpErrors, param, patch, post, requestBody } from '@loopback/rest'; import { Hashing } from '../keys';
    import { CartRepository, TodoListRepository, TodoRepository } from '../repositories'; import { Todo } from '../models/todo.model';
    export class TodoController {
      constructor(@repository(TodoRepository) protected todoRepository: TodoRepository, @repository(TodoListRepository) protected lists: TodoListRepository, @repository(CartRepository) protected carts: CartRepository,
        @inject('services.Geocoder') protected geocoder: object, @inject(Hashing.HASHER) protected hasher: object) {}
      @post('/todos', { responses: { '200': { description: 'Todo model instance' } } })
      async create(@requestBody() todo: Todo) { if (todo.remindAtAddress) { const geo = await this.geocoder.geocode(todo.remindAtAddress); if (!geo[0]) throw new HttpErrors.BadRequest('none'); } return this.todoRepository.create(todo); }
      @get('/todos/{id}') async findById(@param.path.number('id') id: number) { return this.todoRepository.findById(id); }
      @get('/todos') async find(@param.filter(Todo) filter?: Filter<Todo>) { return this.todoRepository.find(filter); }
      @patch('/todos/{id}') async updateById(@param.path.number('id') id: number, @requestBody() todo: Todo) { await this.todoRepository.updateById(id, todo); }
      @del('/todos/{id}') async deleteById(@param.path.number('id') id: number) { await this.todoRepository.deleteById(id); }
      @get('/todos/{id}/todo-list') async listOf(@param.path.number('id') id: number) { return this.todoRepository.todoList(id); }
      @get('/todo-lists') async lists_() { return this.lists.find({ include: [{ relation: 'todos' }] }); }
      @post('/todo-lists/{id}/todos') async add(@param.path.number('id') id: number, @requestBody() todo: Todo) { return this.lists.todos(id).create(todo); }
      @get('/carts/{id}') async cart(@param.path.string('id') id: string) { return this.carts.get(id); }
      @post('/sign-up') async signUp(@requestBody() user: object) { return this.hasher.hash(user.password); }
    }`,
};

it('LoopBack 4: what is booted from folders, injected by keys and asked through repositories', async () => {
  const topology = await topologyOf(files);
  expect(topology.problems).toEqual([]);
  expect(topology.endpoints.map((one) => [one.id.replace('todo ', ''), stepsOf(topology, one.id)])).toEqual([
    ['POST /todos', ['calls with geocode', 'calls with geocode > geocode', 'Todo.create']],
    ['GET /todos/:id', ['Todo.findById']],
    ['GET /todos', ['Todo.find']],
    ['PATCH /todos/:id', ['Todo.updateById']],
    ['DELETE /todos/:id', ['Todo.deleteById']],
    ['GET /todos/:id/todo-list', ['TodoList.findById']],
    ['GET /todo-lists', ['TodoList.find', 'TodoList.find todos']],
    ['POST /todo-lists/:id/todos', ['Todo.create']],
    ['GET /carts/:id', ['get *']],
    ['POST /sign-up', ['bcrypt cost 10 in todo']],
  ]);
  expect(callsOf(topology)).toEqual(['todo cache cache', 'todo http census', 'todo query db']);
  expect(topology.pools.map((one) => [one.id, one.library, one.max])).toEqual([
    ['todo→db pool', 'pg', expect.objectContaining({ value: 7, basis: 'declared' })],
    expect.anything(),
  ]);
});
