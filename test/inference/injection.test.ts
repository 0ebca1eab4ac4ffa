import { describe, expect, it } from 'vitest';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const dependencies = { express: '^5.0.0', pg: '^8.0.0', typedi: '^0.10.0', tsyringe: '^4.0.0', inversify: '^6.0.0' };
const asked = (before: string, get: string, versions: Record<string, string> = {}) =>
  topologyOf(
    service(
      { ...dependencies, ...versions },
      {
        'src/index.ts': `import express from 'express'; import { Pool } from 'pg'; const pool = new Pool({ host: 'db' });
${before}
const app = express(); app.get('/it', async (req, res) => { res.json(await ${get}.list()); }); app.listen(3000);`,
      },
    ),
  );
const store = `class Store { all() { return pool.query('SELECT * FROM orders'); } }`;
const typed = (decorator: string) => `${store} @${decorator} class Orders { constructor(private store: Store) {} list() { return this.store.all(); } }`;
const byToken = (decorator: string) => `class Orders { constructor(@${decorator}('store') private store) {} list() { return this.store.all(); } }`;

describe('objects that a container makes', () => {
  it.each<[string, string, string, string[]]>([
    ['typedi: by the types of a constructor', `import { Container, Service } from 'typedi'; ${typed('Service()')}`, 'Container.get(Orders)', ['SELECT orders']],
    [
      'typedi: by a token',
      `import { Container, Inject } from 'typedi'; ${byToken('Inject')} Container.set('store', { all: () => pool.query('SELECT 1 FROM told') });`,
      'Container.get(Orders)',
      ['SELECT told'],
    ],
    [
      'typedi: by a list of tokens',
      `import { Container, Token } from 'typedi'; const STORE = new Token('store'); ${store} Container.set([{ id: STORE, type: Store }]); class Orders { list() { return Container.get(STORE).all(); } }`,
      'Container.get(Orders)',
      ['SELECT orders'],
    ],
    [
      'typedi: into a field',
      `import { Container, Inject } from 'typedi'; ${store} class Orders { @Inject() store: Store; list() { return this.store.all(); } }`,
      'Container.get(Orders)',
      ['SELECT orders'],
    ],
    [
      "typedi: a library's class that somebody gave",
      `import { Container, Service } from 'typedi'; Container.set(Pool, new Pool({ host: 'other' })); @Service() class Orders { constructor(private pool: Pool) {} list() { return this.pool.query('SELECT 1 FROM given'); } }`,
      'Container.get(Orders)',
      ['SELECT given'],
    ],
    ['tsyringe: by the types of a constructor', `import { container, injectable } from 'tsyringe'; ${typed('injectable()')}`, 'container.resolve(Orders)', ['SELECT orders']],
    [
      'tsyringe: a class for a token',
      `import { container, inject } from 'tsyringe'; ${store} ${byToken('inject')} container.register('store', { useClass: Store });`,
      'container.resolve(Orders)',
      ['SELECT orders'],
    ],
    [
      'tsyringe: a function for a token',
      `import { container, inject } from 'tsyringe'; ${store} ${byToken('inject')} container.register('store', { useFactory: () => new Store() });`,
      'container.resolve(Orders)',
      ['SELECT orders'],
    ],
    [
      'tsyringe: a class that is one for all',
      `import { container, inject } from 'tsyringe'; ${store} ${byToken('inject')} container.registerSingleton('store', Store);`,
      'container.resolve(Orders)',
      ['SELECT orders'],
    ],
    [
      'inversify: symbols bound to classes',
      `import { Container, inject } from 'inversify'; const TYPES = { Store: Symbol.for('Store'), Orders: Symbol.for('Orders') }; ${store} class Orders { constructor(@inject(TYPES.Store) private store) {} list() { return this.store.all(); } } const box = new Container(); box.bind(TYPES.Store).to(Store).inSingletonScope(); box.bind(TYPES.Orders).to(Orders);`,
      'box.get(TYPES.Orders)',
      ['SELECT orders'],
    ],
    [
      'inversify: a module',
      `import { Container, ContainerModule, injectable } from 'inversify'; ${typed('injectable()')} const box = new Container(); box.load(new ContainerModule((bind) => { bind(Store).toSelf(); bind('orders').toDynamicValue(() => new Orders(new Store())); }));`,
      `box.get('orders')`,
      ['SELECT orders'],
    ],
    [
      'classes that ask for each other',
      `import { Container } from 'typedi'; class A { constructor(b: B) { this.b = b; } list() { return pool.query('SELECT 1 FROM a'); } } class B { constructor(a: A) {} }`,
      'Container.get(A)',
      ['SELECT a'],
    ],
  ])('%s', async (_name, before, get, expected) => {
    const topology = await asked(before, get);
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
    expect(topology.endpoints[0]?.unread).toBeUndefined();
  });

  it('a module of inversify 7 is given an object', async () => {
    const before = `import { Container, ContainerModule, injectable } from 'inversify'; ${typed('injectable()')} const box = new Container(); box.load(new ContainerModule((options) => { options.bind('orders').toConstantValue(new Orders(new Store())); }));`;
    expect(stepsOf(await asked(before, `box.get('orders')`, { inversify: '^7.0.0' }), 'app GET /it')).toEqual(['SELECT orders']);
  });

  it('a token that nobody set is load that is not known', async () => {
    const topology = await asked(`import { container } from 'tsyringe';`, `container.resolve('orders')`);
    expect(topology.endpoints[0]?.unread).toBe('what tsyringe gives back is not followed yet');
  });
});
