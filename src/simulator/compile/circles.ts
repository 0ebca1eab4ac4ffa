import type { Known } from '../../model/known.ts';
import type { ChannelId, Endpoint, EndpointId, Step, Topology } from '../../model/topology.ts';

/** Handlers of messages that lead back to themselves, and what is left out so that their messages come to an end. */
export interface Circles {
  /** Whether a message that `handler` publishes for `to` would begin the circle anew. */
  closes(handler: EndpointId, to: EndpointId): boolean;
  /** Whether `endpoint`, asked while `handler` works, publishes such a message itself or through others. */
  leadsBack(endpoint: EndpointId, handler: EndpointId): boolean;
}

const NONE: Circles = { closes: () => false, leadsBack: () => false };
/** A circle whose messages have not died out after so many rounds is taken for one whose messages do not. */
const MOST_ROUNDS = 64;

/**
 * Finds jobs that make jobs of their own kind, directly or by way of others, as often as they are run or more often.
 * A system that works makes fewer than one, or it would drown in them; how many fewer is what a branch or a loop decides whose numbers are assumed.
 * So these messages are unknown and left out: where measured numbers say that they die out, they count.
 */
export function circlesOf(topology: Topology): Circles {
  const handlers = topology.endpoints.filter((it) => it.trigger.kind === 'message');
  if (handlers.length === 0) return NONE;
  const endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
  const known = new Map<EndpointId, Published>();
  const startedBy = (id: EndpointId): Weights => {
    const endpoint = endpoints.get(id);
    return endpoint ? handledBy(publishedBy(endpoint, endpoints, known), topology) : new Map();
  };
  const next = new Map(handlers.map((it) => [it.id, startedBy(it.id)]));
  const cut = new Map<EndpointId, Set<EndpointId>>();
  for (const circle of circlesIn(next)) if (!diesOut(circle, next)) cutCircle(circle, next, fedFirst(circle, topology, startedBy), cut);
  if (cut.size === 0) return NONE;
  return {
    closes: (handler, to) => cut.get(handler)?.has(to) === true,
    leadsBack: (endpoint, handler) => {
      const ends = cut.get(handler);
      return ends !== undefined && [...startedBy(endpoint).keys()].some((it) => ends.has(it));
    },
  };
}

/** Messages by channel and kind of job. */
type Published = ReadonlyMap<string, { channel: ChannelId; job: EndpointId | undefined; most: number }>;
type Weights = ReadonlyMap<EndpointId, number>;

/** How many messages one run publishes at most, as far as numbers that nobody assumed tell; requests that go in a circle are followed once. */
function publishedBy(endpoint: Endpoint, endpoints: ReadonlyMap<EndpointId, Endpoint>, known: Map<EndpointId, Published>): Published {
  const before = known.get(endpoint.id);
  if (before) return before;
  known.set(endpoint.id, new Map());
  const met = new Map<Step, Published>();
  const of = (steps: readonly Step[]): Published => together(steps.map(ofShared), (a, b) => a + b);
  const ofShared = (it: Step): Published => {
    const published = met.get(it) ?? ofStep(it);
    met.set(it, published);
    return published;
  };
  const ofStep = (it: Step): Published => {
    switch (it.kind) {
      case 'publish':
        return new Map([[`${it.channel} ${it.job ?? ''}`, { channel: it.channel, job: it.job, most: 1 }]]);
      case 'request': {
        const callee = it.endpoint === undefined ? undefined : endpoints.get(it.endpoint);
        return callee ? publishedBy(callee, endpoints, known) : new Map();
      }
      case 'loop':
        return times(of(it.steps), said(it.times) ?? Number.POSITIVE_INFINITY);
      case 'branch': {
        const share = said(it.probability);
        const arms = [times(of(it.taken), share ?? 1), times(of(it.otherwise), share === undefined ? 1 : 1 - share)];
        return together(arms, share === undefined ? Math.max : (a, b) => a + b);
      }
      case 'cache': {
        const hits = said(it.hitRatio);
        return times(of(it.onMiss), hits === undefined ? 1 : 1 - hits);
      }
      case 'hold':
        return of(it.steps);
      case 'parallel':
        return of(it.branches.flat());
      default:
        return new Map();
    }
  };
  const published = of(endpoint.steps);
  known.set(endpoint.id, published);
  return published;
}

/** A number that somebody wrote or measured; undefined for what is assumed, from which nothing follows. */
const said = (it: Known): number | undefined => (it.state === 'known' && it.basis !== 'assumed' ? it.value : undefined);

function together(all: readonly Published[], add: (a: number, b: number) => number): Published {
  const found = new Map<string, { channel: ChannelId; job: EndpointId | undefined; most: number }>();
  for (const one of all) for (const [key, it] of one) found.set(key, { ...it, most: add(found.get(key)?.most ?? 0, it.most) });
  return found;
}

const times = (all: Published, factor: number): Published => new Map([...all].map(([key, it]) => [key, { ...it, most: factor === 0 ? 0 : it.most * factor }]));

/** The handlers that run for messages, and how often at most. */
function handledBy(published: Published, topology: Topology): Weights {
  const found = new Map<EndpointId, number>();
  for (const { channel, job, most } of published.values())
    for (const consumer of topology.channels.find((it) => it.id === channel)?.consumers ?? []) {
      const isNamed = job !== undefined && topology.endpoints.some((it) => it.id === job && it.component === consumer.component);
      const id = isNamed ? job : consumer.endpoint;
      if (id !== undefined && most > 0) found.set(id, (found.get(id) ?? 0) + most);
    }
  return found;
}

/** Handlers that lead to each other and back, in the order of the topology. */
function circlesIn(next: ReadonlyMap<EndpointId, Weights>): EndpointId[][] {
  const behind = new Map([...next.keys()].map((it) => [it, reachedFrom(it, next)]));
  const left = new Set([...next.keys()].filter((it) => behind.get(it)?.has(it)));
  const circles: EndpointId[][] = [];
  for (const id of left) {
    const circle = [...left].filter((it) => it === id || (behind.get(id)?.has(it) && behind.get(it)?.has(id)));
    for (const it of circle) left.delete(it);
    circles.push(circle);
  }
  return circles;
}

function reachedFrom(from: EndpointId, next: ReadonlyMap<EndpointId, Weights>): Set<EndpointId> {
  const seen = new Set<EndpointId>();
  const waiting = [...(next.get(from)?.keys() ?? [])];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(next.get(id)?.keys() ?? []));
  }
  return seen;
}

/** Whether fewer messages come of each round than of the one before. */
function diesOut(circle: readonly EndpointId[], next: ReadonlyMap<EndpointId, Weights>): boolean {
  let messages = new Map(circle.map((it) => [it, 1]));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    messages = new Map(
      circle.map((id) => [id, circle.reduce((sum, to) => sum + (messages.get(to) === 0 ? 0 : (next.get(id)?.get(to) ?? 0) * (messages.get(to) as number)), 0)] as const),
    );
    if ([...messages.values()].every((it) => it < 1)) return true;
  }
  return false;
}

/** A circle in the order in which it is entered: what something outside it publishes comes first. */
function fedFirst(circle: readonly EndpointId[], topology: Topology, startedBy: (id: EndpointId) => Weights): EndpointId[] {
  const fed = new Set(topology.endpoints.flatMap((it) => (circle.includes(it.id) ? [] : [...startedBy(it.id).keys()].filter((id) => circle.includes(id)))));
  return [...fed, ...circle.filter((it) => !fed.has(it))];
}

/** Leaves out the messages that lead back to a handler on the way to it. */
function cutCircle(circle: readonly EndpointId[], next: ReadonlyMap<EndpointId, Weights>, order: readonly EndpointId[], cut: Map<EndpointId, Set<EndpointId>>): void {
  const done = new Set<EndpointId>();
  const visit = (id: EndpointId, way: readonly EndpointId[]): void => {
    if (done.has(id)) return;
    for (const to of next.get(id)?.keys() ?? []) {
      if (!circle.includes(to)) continue;
      if (to === id || way.includes(to)) cut.set(id, (cut.get(id) ?? new Set()).add(to));
      else visit(to, [...way, id]);
    }
    done.add(id);
  };
  for (const id of order) visit(id, []);
}
