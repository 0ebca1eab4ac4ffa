import { type Place, valueIn } from '../model/known.ts';
import { type Channel, type Consumer, type Endpoint, type Pool, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RecipeCall, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { type Effect, effectsOf, type Guard, type Guarded } from './done-once.ts';
import { oncePerPlace } from './once.ts';

/** Brokers that give a message again until it is acknowledged. */
const AT_LEAST_ONCE = ['kafka', 'rabbitmq', 'sqs', 'sns', 'eventbridge', 'kinesis', 'qstash'];
/** Libraries whose jobs come again only where they are tried again. */
const JOBS = ['bullmq', 'bull', 'bee-queue', 'pg-boss', 'agenda'];
/** Consumers whose messages the recipe can name. */
const NAMED_BY_RECIPE = ['bullmq', 'bull', 'kafkajs', 'sqs-consumer'];
/** Clients that the recipe can keep its keys with. */
const KEPT_BY_RECIPE = ['ioredis', 'redis', 'pg'];

function judge({ topology }: Evidence, channel: Channel, consumer: Consumer, endpoint: Endpoint): Weakness[] {
  const base = { rule: 'non-idempotent-consumer', component: consumer.component, certain: false };
  const all = effectsOf(topology, endpoint);
  const comesAgain = isGivenAgain(topology, channel);
  const isOpen = comesAgain && !isNamed(topology, channel);
  const judged = all.map((it) => ({ ...it, fault: isOpen && repeats(channel, it) ? faultOf(topology, endpoint, channel, it.guard) : undefined }));
  const weak = judged.filter((it) => it.fault !== undefined);
  const [lead] = weak;
  // One handler is one defect: it is done once, or it is not.
  if (lead?.fault)
    return [
      {
        ...base,
        state: 'weak',
        place: placeOf(lead.effect),
        facts: { what: lead.effect.step.label, kind: lead.effect.kind, fault: lead.fault, channel: channel.name, ...keyFacts(channel, lead.guard) },
        related: [
          { place: consumer.place, says: `messages of ${channel.name} come here, some of them twice` },
          ...weak.slice(1).map((it) => ({ place: placeOf(it.effect), says: `${it.effect.step.label} would be done twice, too` })),
        ],
        remedies: lead.fault === 'missing' ? [doOnce(topology, channel, consumer, lead.effect)] : [lead.fault === 'short' ? keepLonger(channel, lead.guard) : scope(lead.guard)],
      },
    ];
  return judged.map(({ effect, guard }): Weakness => {
    const isSound = comesAgain === true && (isNamed(topology, channel) || (guard !== undefined && guard.by !== 'perhaps'));
    return { ...base, state: isSound ? 'sound' : 'unknown', place: placeOf(effect), facts: {}, related: [], remedies: [] };
  });
}

/** Where the handler itself asks for it. */
const placeOf = ({ step }: Effect): Place => (step.kind === 'request' ? (step.errand?.calledAt ?? step.place) : step.place);

/** Messages that are not acknowledged come again; jobs do where they are tried more than once. Undefined: not known, or they don't. */
function isGivenAgain(topology: Topology, channel: Channel): true | undefined {
  if (JOBS.includes(channel.library)) return (valueIn(channel.attempts) ?? 0) > 1 || undefined;
  const broker = topology.components.find((it) => it.id === channel.broker);
  // Taken out before anybody looked at it, or kept only as long as the connection, it comes once at most; a queue in order sorts repeats out by itself.
  if (channel.failed?.fate === 'unasked' || channel.failed?.fate === 'unnamed' || channel.name.endsWith('.fifo')) return undefined;
  return AT_LEAST_ONCE.includes(broker?.engine ?? '') || undefined;
}

/** A job whose last step fails has mostly not done it: it is done twice where something behind it fails, or where nobody may be wrong about it. */
const repeats = (channel: Channel, { effect, isFollowed }: Guarded): boolean => !JOBS.includes(channel.library) || isFollowed || effect.kind === 'charge';

/** Each job is put in under a key of its own. */
function isNamed({ endpoints }: Topology, { id }: Channel): boolean {
  const named: boolean[] = [];
  for (const it of endpoints)
    walkSteps(it.steps, (step) => {
      if (step.kind === 'publish' && step.channel === id) named.push(step.hasKey === true);
    });
  return named.length > 0 && named.every(Boolean);
}

type Fault = 'missing' | 'short' | 'shared';

function faultOf(topology: Topology, endpoint: Endpoint, channel: Channel, guard: Guard | undefined): Fault | undefined {
  if (!guard) return 'missing';
  if (guard.by !== 'key') return undefined;
  if (guard.ttlMs !== undefined && guard.ttlMs < comesAgainForMs(channel)) return 'short';
  return isBare(guard.key.key) && sharesKeys(topology, endpoint, guard) ? 'shared' : undefined;
}

/** Nothing but what comes with the message. */
const isBare = (key: string): boolean => !/[^\W_]/.test(key);

/** Another program keeps its keys under the same names: what one of them has done, the other one takes for done. */
const sharesKeys = (topology: Topology, endpoint: Endpoint, { key }: Extract<Guard, { by: 'key' }>): boolean =>
  topology.endpoints.some(
    (it) =>
      it.id !== endpoint.id && effectsOf(topology, it).some(({ guard }) => guard?.by === 'key' && guard.key.target === key.target && isBare(guard.key.key) && guard.key !== key),
  );

/** From the first attempt to the last: each pause, twice as long as the one before it where it grows. 0: not known. */
function comesAgainForMs({ attempts, backoff }: Channel): number {
  const [tries, delay] = [valueIn(attempts) ?? 1, (backoff && valueIn(backoff.delayMs)) ?? 0];
  return backoff?.kind === 'exponential' ? (2 ** (tries - 1) - 1) * delay : (tries - 1) * delay;
}

const keyFacts = (channel: Channel, guard: Guard | undefined): Weakness['facts'] =>
  guard?.by === 'key' ? { key: guard.key.key, ttlMs: guard.ttlMs ?? null, forMs: comesAgainForMs(channel) } : {};

function doOnce(topology: Topology, channel: Channel, consumer: Consumer, effect: Effect): RemedyIdea {
  return {
    id: 'do-once',
    effort: 3,
    does: `Keep a key of each message of ${channel.name}, and pass by what is done already`,
    change: null,
    edit: editOf(topology, channel, consumer, effect),
    price: 'two commands more for each message, and a key for as long as the message may come again',
    guidance: GUIDANCE[effect.kind],
  };
}

const GUIDANCE: Readonly<Record<Effect['kind'], string>> = {
  create: 'A unique key on what names the message in the table, and INSERT … ON CONFLICT DO NOTHING: then the database itself knows it again.',
  send: 'A row or a Redis key per message and operation (SET send-mail:<message id> … NX EX <retention>) before it is sent; taken away again where sending fails.',
  charge: 'The vendor’s idempotency key, made of the operation and the message’s id ({ idempotencyKey: "charge:" + orderId }): it is kept where the money moves.',
};

/** The exact edit needs a client for the keys, a message with an id, and the effect in the handler itself. */
function editOf(topology: Topology, channel: Channel, consumer: Consumer, effect: Effect): RecipeCall | null {
  const client = clientOf(topology, consumer);
  const at = placeOf(effect);
  if (!client || !NAMED_BY_RECIPE.includes(channel.library) || at.file === '' || client.place.file === '') return null;
  const what = effect.step.label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  // Numbers of jobs begin anew in each queue; a topic has readers of several programs.
  const operation = `${channel.kind === 'topic' ? consumer.component : channel.name}:${what}`;
  return {
    recipe: 'do-once',
    args: {
      file: at.file,
      line: at.line,
      operation,
      library: channel.library,
      store: client.library,
      clientFile: client.place.file,
      clientLine: client.place.line,
      schema: schemaOf(topology, client),
    },
  };
}

/** Redis before the database: its keys end by themselves. */
function clientOf({ pools }: Topology, { component }: Consumer): Pool | undefined {
  const own = pools.filter((it) => it.client === component);
  return KEPT_BY_RECIPE.map((library) => own.find((it) => it.library === library)).find((it) => it !== undefined);
}

/** A file of the migrations among which the table of the keys gets its own. */
const schemaOf = ({ tables = [] }: Topology, { library }: Pool): string =>
  library === 'pg'
    ? (tables
        .map((it) => it.place.file)
        .filter((it) => it.endsWith('.sql'))
        .at(-1) ?? '')
    : '';

function keepLonger(channel: Channel, guard: Guard | undefined): RemedyIdea {
  const found = guard?.by === 'key' ? guard : undefined;
  const ttl = found?.key.ttlMs;
  const at = ttl?.state === 'known' ? ttl.place : undefined;
  const needed = Math.ceil((2 * comesAgainForMs(channel)) / 1000) * 1000;
  return {
    id: 'keep-key-longer',
    effort: 1,
    does: `Keep the key for ${needed / 1000} s`,
    change: null,
    edit:
      at && at.file !== '' && found?.ttlMs === valueIn(ttl as NonNullable<typeof ttl>)
        ? { recipe: 'set-lock-ttl', args: { file: at.file, line: at.line, fromMs: found?.ttlMs ?? 0, toMs: needed } }
        : null,
    price: 'keys stay longer',
    guidance: 'Keep the key as long as the business keeps the event: a payment’s key as long as the payment can be repeated.',
  };
}

function scope(guard: Guard | undefined): RemedyIdea {
  const bare = guard?.by === 'key' ? guard.key.key.replaceAll('*', '<key>') : '<key>';
  return {
    id: 'scope-key',
    effort: 1,
    does: 'Put the operation’s name before the key',
    change: null,
    edit: null,
    price: 'messages that are under way when it is deployed are not known again',
    guidance: `send-mail:${bare} instead of ${bare}, in every place that reads or writes it.`,
  };
}

export default {
  id: 'non-idempotent-consumer',
  number: 21,
  layer: 'async',
  title: 'A message that comes twice is handled twice',
  find: (evidence) =>
    oncePerPlace(
      evidence.topology.channels.flatMap((channel) =>
        channel.consumers.flatMap((consumer) => {
          const endpoint = evidence.topology.endpoints.find((it) => it.id === consumer.endpoint);
          const runs = evidence.topology.components.some((it) => it.id === consumer.component && it.scope === 'runtime');
          return endpoint && runs ? judge(evidence, channel, consumer, endpoint) : [];
        }),
      ),
    ),
} satisfies Rule;
