import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENTS, intersects, type Layout, layout } from '../../src/diagram/index.ts';
import { applyChange } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import { COMPONENT_KINDS, type Topology } from '../../src/model/topology.ts';
import { turnsBack } from '../../src/diagram/layout.ts';
import { call, component, endpoint, topology } from './sample.ts';

const overlaps = (it: Layout): string[] => it.nodes.flatMap((a, index) => it.nodes.slice(index + 1).flatMap((b) => (intersects(a, b) ? [`${a.id} × ${b.id}`] : [])));

const shop: Topology = topology({
  components: [
    component('worker', 'worker'),
    component('db', 'database', { engine: 'postgres' }),
    component('api', 'service'),
    component('edge', 'gateway'),
    component('mail', 'external-api'),
  ],
  calls: [call('edge', 'api'), call('api', 'db', 'query'), call('worker', 'db', 'query'), call('worker', 'mail', 'smtp')],
  endpoints: [
    endpoint('api', {
      role: 'write',
      steps: [
        {
          kind: 'query',
          label: 'INSERT',
          target: 'db',
          operation: 'write',
          usesHeld: false,
          holdMs: known(5, 'ms', 'measured'),
          awaited: true,
          place: { file: 'a.ts', line: 1 },
        },
      ],
    }),
  ],
});

describe('layout', () => {
  it.each([
    [CLIENTS, 'edge'],
    ['edge', 'api'],
    ['api', 'worker'],
    ['worker', 'db'],
    ['worker', 'mail'],
  ])('%s stands left of %s', (left, right) => {
    const { nodes } = layout(shop);
    const x = (id: string) => nodes.find((it) => it.id === id)!;
    expect(x(left).x + x(left).width).toBeLessThan(x(right).x);
  });

  it('puts outside services right of the data, or with the data where the picture would get too wide', () => {
    const columns = (parts: Topology) => new Map(layout(parts).nodes.map((it) => [it.id, it.column]));
    const narrow = columns({ ...shop, components: shop.components.filter((it) => it.id !== 'edge'), calls: shop.calls.filter((it) => it.from !== 'edge') });
    expect(narrow.get('mail')).toBe(narrow.get('db')! + 1);
    const wide = columns(shop);
    expect(wide.get('mail')).toBe(wide.get('db'));
    expect(layout(shop).tiers.map((it) => it.title)).toEqual(['Clients', 'Edge', 'Services', 'Async', 'Data · Outside']);
  });

  it('keeps a deep chain of services to as many columns as can be read', () => {
    const ids = Array.from({ length: 9 }, (_, index) => `s${index}`);
    const chain = layout(
      topology({ components: [...ids.map((it) => component(it, 'service')), component('db', 'database')], calls: ids.slice(1).map((it, index) => call(ids[index]!, it)) }),
    );
    expect(Math.max(...chain.nodes.map((it) => it.column))).toBe(4);
    expect(overlaps(chain)).toEqual([]);
  });

  it('sends the load through the gateway only', () => {
    expect(
      layout(shop)
        .edges.filter((it) => it.from === CLIENTS)
        .map((it) => it.to),
    ).toEqual(['edge']);
  });

  it('draws messages from broker to consumer, in the direction of work', () => {
    const { edges } = layout(topology({ components: [component('q', 'queue'), component('w', 'worker')], calls: [call('w', 'q', 'consume')] }));
    expect(edges.map((it) => [it.from, it.to, it.manner])).toEqual([['q', 'w', 'async']]);
  });

  it('does not move when numbers change', () => {
    const faster = { ...shop, network: { roundTripMs: known(9, 'ms', 'override') } };
    expect(layout(faster).nodes.map((it) => [it.id, it.x, it.y])).toEqual(layout(shop).nodes.map((it) => [it.id, it.x, it.y]));
  });

  it('nothing changes sides when a queue comes between', () => {
    const after = applyChange(shop, { id: 'q', operations: [{ kind: 'insertQueue', from: 'api', to: 'db', technology: 'bullmq', concurrency: 10 }] });
    const columns = (it: Layout) => new Map(it.nodes.map((node) => [node.id, node.column]));
    const [was, is] = [columns(layout(shop)), columns(layout(after))];
    const swapped = shop.components.flatMap(({ id: a }) => shop.components.filter(({ id: b }) => was.get(a)! < was.get(b)! && is.get(a)! > is.get(b)!).map(({ id: b }) => [a, b]));
    expect(swapped).toEqual([]);
    expect([...is.keys()]).toEqual(expect.arrayContaining(['api-worker', 'redis']));
  });

  it.each([
    ['behind their broker where there is room', ['api', 'db'], [1, 2, 3, 4]],
    ['below the services where a column more would be too many', ['gate', 'api', 'db'], [2, 3, 2, 4]],
  ])('workers stand %s', (_, parts, expected) => {
    const kinds = { gate: 'gateway', api: 'service', db: 'database' } as const;
    const { nodes, edges } = layout(
      topology({
        components: [...parts.map((it) => component(it, kinds[it as 'api'])), component('redis', 'cache'), component('w', 'worker')],
        calls: [...parts.slice(1).map((it, index) => call(parts[index]!, it)), call('api', 'redis', 'publish'), call('w', 'redis', 'consume'), call('w', 'db')],
        channels: [
          {
            id: 'q',
            name: 'q',
            kind: 'queue',
            broker: 'redis',
            producers: [{ component: 'api' }],
            consumers: [{ component: 'w', concurrency: known(1, 'count', 'declared') }],
          } as never,
        ],
        endpoints: [endpoint(parts[0]!)],
      }),
    );
    expect(['api', 'redis', 'w', 'db'].map((id) => nodes.find((it) => it.id === id)!.column)).toEqual(expected);
    expect(edges.filter((it) => turnsBack(it.points))).toEqual([]);
  });

  it('puts parts without an arrow below all others', () => {
    const { nodes } = layout({ ...shop, components: [component('stray', 'service'), ...shop.components, component('lone', 'cache')] });
    const bottom = Math.max(...nodes.filter((it) => !['stray', 'lone'].includes(it.id)).map((it) => it.y + it.height));
    expect(nodes.filter((it) => ['stray', 'lone'].includes(it.id)).every((it) => it.y > bottom)).toBe(true);
  });

  it('leaves development tools out unless asked', () => {
    const withTool = { ...shop, components: [...shop.components, component('pgadmin', 'service', { scope: 'dev' })] };
    expect(layout(withTool).nodes.some((it) => it.id === 'pgadmin')).toBe(false);
    expect(layout(withTool, { dev: true }).nodes.some((it) => it.id === 'pgadmin')).toBe(true);
  });

  it('an empty topology has an empty picture', () => expect(layout(topology({}))).toMatchObject({ nodes: [], edges: [], width: 0 }));

  it('no two boxes intersect, every edge ends at its boxes, whatever the graph', () => {
    const name = fc.oneof(fc.string({ minLength: 1, maxLength: 60 }), fc.stringMatching(/^[a-z-]{1,70}$/));
    const graph = fc.record({
      parts: fc.array(fc.tuple(name, fc.constantFrom(...COMPONENT_KINDS)), { minLength: 1, maxLength: 25 }),
      calls: fc.array(fc.tuple(fc.nat(24), fc.nat(24), fc.constantFrom('http', 'query', 'consume', 'publish', 'cache' as const)), { maxLength: 50 }),
    });
    fc.assert(
      fc.property(graph, ({ parts, calls }) => {
        const components = parts.map(([text, kind], index) => component(`c${index}`, kind, { name: text }));
        const known = calls.filter(([a, b]) => a < parts.length && b < parts.length).map(([a, b, kind]) => call(`c${a}`, `c${b}`, kind as 'http'));
        const made = layout(topology({ components, calls: known, endpoints: components.slice(0, 3).map((it) => endpoint(it.id)) }));
        expect(overlaps(made)).toEqual([]);
        expect(made.edges.every((it) => it.points.length >= 2 && it.points.every((p) => Number.isFinite(p.x) && Number.isFinite(p.y)))).toBe(true);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('lays out 150 boxes in well under two seconds', () => {
    const components = Array.from({ length: 150 }, (_, index) => component(`service-${index}`, index % 5 === 0 ? 'database' : 'service'));
    const calls = components.flatMap((it, index) =>
      index % 5 === 0 ? [] : [call(it.id, `service-${Math.floor(index / 5) * 5}`, 'query'), call(it.id, `service-${(index * 7) % 150}`)],
    );
    const begin = performance.now();
    expect(overlaps(layout(topology({ components, calls })))).toEqual([]);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
