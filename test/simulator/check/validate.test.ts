import { describe, expect, it } from 'vitest';
import schema from '../../../src/model/network.schema.json' with { type: 'json' };
import { compile, runModel, validateNetwork } from '../../../src/simulator/index.ts';
import { apiAndDatabase, at, ms } from '../topologies.ts';

const model = (): Record<string, never> => JSON.parse(JSON.stringify(compile(apiAndDatabase({ poolMore: { acquireTimeoutMs: ms(500) } }), at(200)).network));
/** The model with one field changed; a path as in the errors. */
const changed = (path: string, value: unknown): unknown => {
  const whole = model();
  const keys = path.split(/[.[\]]+/).filter((it) => it !== '');
  const last = keys.pop() as string;
  const owner = keys.reduce<Record<string, never>>((it, key) => it[key] as never, whole);
  if (value === undefined) delete owner[last];
  else owner[last] = value as never;
  return whole;
};

describe('a model file', () => {
  it('that is right is taken as it is', () => expect(validateNetwork(model())).toEqual({ network: model() }));

  it.each([
    [null, 'model: expected an object, found null'],
    [[], 'model: expected an object, found []'],
    [changed('version', 2), 'version: expected 1, found 2'],
    [changed('stations', undefined), 'stations: expected a list, found nothing'],
    [changed('stations[0].servers', 0), 'stations[0].servers: expected a number of at least 1, found 0'],
    [changed('stations[0].servers', 1.5), 'stations[0].servers: expected a whole number, found 1.5'],
    [changed('stations[0].discipline', 'lifo'), 'stations[0].discipline: expected fifo or processorSharing or priority or eventLoop, found "lifo"'],
    [
      changed('stations[0].server', 1),
      'stations[0].server: there is no such field; known are id, component, label, servers, room, discipline, scalability, group, refusal, timeout',
    ],
    [changed('stations[0].group', 'nowhere'), 'stations[0].group: there is no group "nowhere"'],
    [changed('stations[1].id', 'event loop of api'), 'stations[1].id: "event loop of api" is there twice'],
    [changed('programs[0].body[0].station', 'nowhere'), 'programs[0].body[0].station: there is no station "nowhere"'],
    [
      changed('programs[0].body[0].op', 'sleep'),
      'programs[0].body[0].op: expected serve or hold or delay or call or spawn or parallel or loop or branch or respond or limit or fail or lookup or invalidate or write or readReplica, found "sleep"',
    ],
    [changed('programs[0].body[0].service.cv2', -1), 'programs[0].body[0].service.cv2: expected a number of at least 0, found -1'],
    [changed('programs[0].body[1].body[0].duration.meanMs', '5'), 'programs[0].body[1].body[0].duration.meanMs: expected a number of at least 0, found "5"'],
    [changed('sources[0].program', 'x'), 'sources[0].program: there is no program "x"'],
    [
      changed('sources[0].phases', [
        { fromMs: 0, perSecond: 1 },
        { fromMs: 0, perSecond: 2 },
      ]),
      'sources[0].phases[1].fromMs: must lie after the phase before',
    ],
    [changed('stations[0].scalability', { contention: 0, coherency: 0 }), 'stations[0].scalability: only a station with the discipline processorSharing slows down as it fills'],
    [changed('programs[0].body[0].priority', 1), 'programs[0].body[0].priority: "event loop of api" has no priorities; its discipline is fifo'],
    [changed('programs[0].body[0].newConnection', true), 'programs[0].body[0].newConnection: "event loop of api" takes in no connections; its discipline is fifo'],
    [changed('programs[0].body[0].newConnection', 1), 'programs[0].body[0].newConnection: expected true or false, found 1'],
    [changed('stations[1].discipline', 'eventLoop'), 'stations[1].servers: an event loop is one server, found 64'],
    [changed('programs[0].body[0].priority', '1'), 'programs[0].body[0].priority: expected a number, found "1"'],
    [changed('sources[0].connections', 0), 'sources[0].connections: expected a number from 1 to 10000000, found 0'],
    [changed('faults', [{ kind: 'melt' }]), 'faults[0].kind: expected slow or freeze or refuse or lose or partition or down or deploy, found "melt"'],
    [changed('faults', [{ kind: 'freeze', station: 'x', fromMs: 0, untilMs: 1 }]), 'faults[0].station: there is no station "x"'],
    [changed('faults', [{ kind: 'refuse', station: 'event loop of api', fromMs: 5, untilMs: 5 }]), 'faults[0].untilMs: must lie after fromMs'],
    [
      changed('faults', [{ kind: 'freeze', station: 'event loop of api', up: { kind: 'exponential', meanMs: 0 }, down: { kind: 'exponential', meanMs: 1 } }]),
      'faults[0].up: must last some time',
    ],
    [changed('faults', [{ kind: 'down', group: 'api', instances: 9, cause: 'x', fromMs: 0, untilMs: 1 }]), 'faults[0].instances: "api" has only 1'],
    [
      changed('faults', [{ kind: 'down', group: 'api', instances: 0, cause: 'x', fromMs: 0, untilMs: 1 }]),
      'faults[0].instances: expected a whole number of at least 1 or "all", found 0',
    ],
    [changed('caches', [{ id: 'c', keys: 1e9, zipf: 1, capacity: null, ttlMs: null }]), 'caches[0].keys: expected a number from 1 to 10000000, found 1000000000'],
    [changed('programs[0].body', [{ op: 'lookup', cache: 'c', hit: [], miss: [] }]), 'programs[0].body[0].cache: there is no cache "c"'],
    [changed('programs[0].body', [{ op: 'invalidate', cache: 'c', all: 1 }]), 'programs[0].body[0].all: expected true or false, found 1'],
    [changed('groups[0].memory', { baseMb: 9, limitMb: 9, restartMs: 1, cause: 'out of memory' }), 'groups[0].memory.limitMb: must be more than baseMb'],
    [changed('groups[0].onDemand', { idleMs: 9, cause: 'x' }), 'groups[0].onDemand.coldStart: expected a distribution, found nothing'],
    [changed('sources[0].arrivals', 'often'), 'sources[0].arrivals: expected poisson or deterministic or an object, found "often"'],
    [changed('sources[0].arrivals', { kind: 'batch', meanSize: 0.5 }), 'sources[0].arrivals.meanSize: expected a number of at least 1, found 0.5'],
    [changed('sources[0].arrivals', { kind: 'mmpp', states: [{ factor: 0, meanMs: 1 }] }), 'sources[0].arrivals.states: expected a state with a factor above 0'],
    [changed('sources[0].arrivals', { kind: 'mmpp', states: [{ factor: 1, meanMs: 0 }] }), 'sources[0].arrivals.states[0].meanMs: expected a number above 0, found 0'],
    [changed('sources[0].phases[0].toPerSecond', 5), 'sources[0].phases[0].toPerSecond: the last phase has no end to change until'],
    [changed('sources[0].closed', { users: 2, think: { kind: 'deterministic', meanMs: 1 } }), 'sources[0].closed: stands in place of phases; there are both'],
    [changed('programs[0].body[0].service', { kind: 'uniform', lowMs: 3, highMs: 2 }), 'programs[0].body[0].service.highMs: expected a number of at least lowMs, found 2'],
    [
      changed('programs[0].body[0].service', { kind: 'empirical', timesMs: [1, 2], weights: [1] }),
      'programs[0].body[0].service.weights: expected one for each of the 2 times, found 1',
    ],
    [changed('programs[0].body[0].waitLimitMs', { kind: 'exponential' }), 'programs[0].body[0].waitLimitMs.meanMs: expected a number of at least 0, found nothing'],
    [changed('stations[2].discipline', 'processorSharing'), 'programs[0].body[1].station: "api→db pool" shares its processor, so it can only serve'],
  ])('that is wrong gets one line (%#)', (value, error) => expect(validateNetwork(value)).toEqual({ error }));

  it('has the same fields in its schema', () => {
    const known = /known are (.*)/;
    const fieldsOf = (path: string): string[] => {
      const found = validateNetwork(changed(`${path}.zzz`, 1));
      return 'error' in found ? (known.exec(found.error)?.[1]?.split(', ') ?? []) : [];
    };
    const { $defs } = schema as unknown as { $defs: Record<string, { properties: object }> };
    expect(fieldsOf('stations[0]')).toEqual(Object.keys($defs.station?.properties ?? {}));
    expect(fieldsOf('sources[0]')).toEqual(Object.keys($defs.source?.properties ?? {}));
    expect(fieldsOf('programs[0]')).toEqual(Object.keys($defs.program?.properties ?? {}));
    expect(fieldsOf('groups[0]')).toEqual(Object.keys($defs.group?.properties ?? {}));
  });

  it.each(['solve', 'events'] as const)('runs with %s', (engine) => {
    const ran = runModel(model(), { engine, seconds: 5, seed: 1, series: false });
    expect('error' in ran ? ran.error : ran.text).toContain('api GET /users: ');
    expect('error' in ran ? ran.error : ran.text).toContain('api→db pool: ');
  });
});
