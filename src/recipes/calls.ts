import type { Change, Operation } from '../model/change.ts';
import { inputId } from '../model/inputs.ts';
import { offLoopCalls } from '../model/off-loop.ts';
import { type Endpoint, type Pool, type QueryStep, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { RecipeCall } from '../model/weakness.ts';
import { cacheCall } from './cache-calls.ts';
import { isComposeFile } from './compose.ts';
import { indexCall } from './index-call.ts';

const TRIED_BY_RECIPE = ['bullmq', 'bull'];

/** Which recipes write a what-if into code. A part of a change that no recipe can write comes back as a sentence. */
export function recipeCallsOf(topology: Topology, changes: readonly Change[]): { calls: readonly RecipeCall[]; cannot: readonly string[] } {
  const calls: RecipeCall[] = [];
  const cannot: string[] = [];
  for (const operation of changes.flatMap((it) => it.operations)) {
    const found = callsOf(topology, operation);
    if (typeof found === 'string') cannot.push(found);
    // Pools that one construction makes change together: one call writes them all.
    else calls.push(...found.filter((it) => !calls.some((other) => JSON.stringify(other) === JSON.stringify(it))));
  }
  return { calls, cannot };
}

function callsOf(topology: Topology, operation: Operation): readonly RecipeCall[] | string {
  switch (operation.kind) {
    case 'setInput':
      return setInput(topology, operation.input, operation.value);
    case 'insertQueue': {
      const writes = stepsAt(topology, operation.from, operation.to, 'write', operation.endpoints);
      if (writes.length === 0) return `${operation.from} writes nothing to ${operation.to}`;
      return writes.map(({ endpoint, place }) => ({
        recipe: 'insert-queue',
        args: {
          file: endpoint.place.file,
          line: endpoint.place.line,
          writeFile: place.file,
          writeLine: place.line,
          technology: operation.technology,
          queue: `${operation.from}-writes`,
          concurrency: operation.concurrency,
        },
      }));
    }
    case 'insertCache': {
      const reads = stepsAt(topology, operation.from, operation.to, 'read', operation.endpoints);
      if (reads.length === 0) return `${operation.from} reads nothing from ${operation.to}`;
      return reads
        .filter(({ label }) => (operation.label ?? label) === label)
        .map(({ place, label }) => ({
          recipe: 'insert-cache',
          args: { file: place.file, line: place.line, technology: operation.technology, key: label.toLowerCase().replaceAll(' ', ':'), ttlSeconds: 60 },
        }));
    }
    case 'extractWorker': {
      const consumer = topology.channels.flatMap((it) => it.consumers).find((it) => it.component === operation.worker);
      const host = topology.components.find((it) => it.id === topology.components.find((c) => c.id === operation.worker)?.runsIn);
      const compose = host?.places.find((it) => /compose[^/]*\.ya?ml$/.test(it.file));
      if (!consumer || !host || !compose) return `${operation.worker} has no compose service to split from`;
      return [{ recipe: 'extract-worker', args: { file: consumer.place.file, line: consumer.place.line, worker: operation.worker, service: host.name, compose: compose.file } }];
    }
    case 'retryJobs': {
      const channel = topology.channels.find((it) => it.id === operation.channel);
      if (!channel || !TRIED_BY_RECIPE.includes(channel.library)) return `the attempts of ${operation.channel} are not written in the workspace`;
      const { file, line } = channel.place;
      return [{ recipe: 'set-job-attempts', args: { file, line, attempts: operation.attempts, backoffMs: operation.backoffMs } }];
    }
    case 'boundCollection':
      return [{ recipe: 'bound-collection', args: { file: operation.place.file, line: operation.place.line, most: operation.most } }];
    case 'addIndex':
      return indexCall(topology, operation.table, operation.columns);
    case 'keepClient': {
      const { file, line } = operation.place;
      const pool = topology.endpoints.flatMap((it) => openedIn(it)).find((it) => it.place.file === file && it.place.line === line);
      return pool ? [{ recipe: 'keep-client', args: { file, line, library: pool.library } }] : `no client is made at ${file}:${line}`;
    }
    case 'loadOnce':
    case 'setLockTtl':
      return cacheCall(topology, operation);
    case 'shareHeldConnection': {
      const queries = queriesOf(
        topology,
        (step, enclosing) => step.pool === operation.pool && !step.usesHeld && enclosing.some((it) => it.kind === 'hold' && it.pool === operation.pool),
      );
      if (queries.length === 0) return `nothing asks ${operation.pool} while it holds one of its connections`;
      const heldAt = ({ enclosing }: (typeof queries)[number]) => enclosing.findLast((it): it is Extract<Step, { kind: 'hold' }> => it.kind === 'hold');
      const firsts = queries.filter((it, index) => queries.findIndex((one) => heldAt(one) === heldAt(it)) === index);
      return firsts.map((first) => {
        const { label = '', place: held } = heldAt(first) ?? {};
        const call = ({ step: { place } }: typeof first): RecipeCall => ({
          recipe: 'use-held-connection',
          args: { file: place.file, line: place.line, client: label, ...(held && { heldFile: held.file, heldLine: held.line }) },
        });
        const others = queries.filter((it) => it !== first && heldAt(it) === heldAt(first));
        // Half of them moved, the function would wait for what it has locked itself.
        return { ...call(first), ...(others.length > 0 && { also: others.map(call).map((it) => ({ ...it, args: { ...it.args, part: true } })) }) };
      });
    }
    case 'askOnce': {
      const [asked] = queriesOf(topology, ({ place }) => place.file === operation.step.file && place.line === operation.step.line);
      if (!asked) return 'what the loop asks is no query: put the calls together by hand';
      return [{ recipe: 'ask-once', args: { ...at(asked.step), library: libraryOf(topology, asked.step) } }];
    }
    case 'limitRows': {
      const queries = queriesOf(topology, (step) => step.target === operation.target && step.label === operation.label);
      if (queries.length === 0) return `nobody asks ${operation.label}`;
      return queries.map(({ step }) => ({ recipe: 'limit-rows', args: { ...at(step), most: operation.most, library: libraryOf(topology, step) } }));
    }
    case 'offLoop':
      return offLoopCalls(topology.endpoints, operation);
    case 'readSummary':
    case 'routeReads':
    case 'answerEarly':
    case 'answerRepeats':
    case 'removeCall':
      return 'this change has no exact edit yet';
  }
}

const at = ({ place }: QueryStep) => ({ file: place.file, line: place.line });
const libraryOf = (topology: Topology, step: QueryStep): string => topology.pools.find((it) => it.id === step.pool)?.library ?? '';

/** The queries that are meant, each place once. */
function queriesOf(topology: Topology, isMeant: (step: QueryStep, enclosing: readonly Step[]) => boolean): { step: QueryStep; enclosing: readonly Step[] }[] {
  const found: { step: QueryStep; enclosing: readonly Step[] }[] = [];
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step, enclosing) => {
      if (step.kind !== 'query' || !isMeant(step, enclosing)) return;
      if (!found.some((it) => it.step.place.file === step.place.file && it.step.place.line === step.place.line)) found.push({ step, enclosing });
    });
  return found;
}

function openedIn({ steps }: Endpoint): Pool[] {
  const found: Pool[] = [];
  walkSteps(steps, (it) => {
    if (it.kind === 'query' && it.opens) found.push(it.opens.pool);
  });
  return found;
}

function setInput(topology: Topology, input: string, value: number): readonly RecipeCall[] | string {
  for (const pool of topology.pools) {
    const at = { file: pool.place.file, line: pool.place.line, library: pool.library };
    if (input === inputId.poolMax(pool.id)) return [{ recipe: 'set-pool-max', args: { ...at, value } }];
    if (input === inputId.queueLimit(pool.id)) return [{ recipe: 'set-queue-limit', args: { ...at, value } }];
    if (input === inputId.acquireTimeout(pool.id)) return [{ recipe: 'set-acquire-timeout', args: { ...at, valueMs: value } }];
  }
  for (const channel of topology.channels)
    for (const consumer of channel.consumers)
      if (input === inputId.concurrency(channel.id, consumer.component))
        return [{ recipe: 'set-worker-concurrency', args: { file: consumer.place.file, line: consumer.place.line, library: channel.library, value } }];
  for (const component of topology.components) {
    const compose = component.places.find((it) => isComposeFile(it.file));
    if (input === inputId.component(component.id, 'replicas') && compose) return [{ recipe: 'set-replicas', args: { compose: compose.file, service: component.id, value } }];
  }
  return `${input} is not written in the workspace: keep it in faultline.json`;
}

function stepsAt(topology: Topology, from: string, to: string, operation: 'read' | 'write', endpoints: readonly string[] | undefined) {
  const found: { endpoint: Endpoint; place: Endpoint['place']; label: string }[] = [];
  for (const endpoint of topology.endpoints) {
    if (endpoint.component !== from || endpoint.role === 'excluded' || (operation === 'read' && endpoint.role !== 'read') || (endpoints && !endpoints.includes(endpoint.id)))
      continue;
    walkSteps(endpoint.steps, (step, enclosing) => {
      if (step.kind !== 'query' || step.target !== to || step.operation !== operation) return;
      // It is cached already.
      if (operation === 'read' && enclosing.some((it) => it.kind === 'cache')) return;
      if (!found.some((it) => (operation === 'write' ? it.endpoint === endpoint : it.place.file === step.place.file && it.place.line === step.place.line)))
        found.push({ endpoint, place: step.place, label: step.label });
    });
  }
  return found;
}
