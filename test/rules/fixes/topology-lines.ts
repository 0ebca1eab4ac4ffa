import type { Known } from '../../../src/model/known.ts';
import type { Endpoint, Step, Topology } from '../../../src/model/topology.ts';

const value = (it: Known): string => (it.state === 'known' ? String(it.value) : it.state);

/** A program in one line, without places and times: what is done, around what, how often. */
function program(steps: readonly Step[]): string {
  return steps.map(words).filter(Boolean).join('; ');
}

function words(step: Step): string {
  const later = 'awaited' in step && step.awaited === false ? ' later' : '';
  switch (step.kind) {
    case 'query':
      return `${step.label}${step.primary === undefined ? '' : ` at ${step.target}`}${step.usesHeld ? ' held' : ''}${step.statement?.limit === 'some' ? ` most ${step.statement.most ?? '?'}` : ''}${later}`;
    case 'request':
      return `ask ${step.target}${later}`;
    case 'publish':
      return `publish ${step.channel}${later}`;
    case 'cache':
      return `cache ${step.operation}${step.ifAbsent ? ` if absent for ${value(step.ttlMs)}` : ''}${step.loadsOnce ? ' once' : ''}${step.keeping ? `, taken out: ${step.keeping.upkeep}` : ''}${step.onMiss.length > 0 ? ` (${program(step.onMiss)})` : ''}`;
    case 'hold':
      return `hold (${program(step.steps)})`;
    case 'loop':
      return step.steps.some((it) => it.kind !== 'compute') ? `each (${program(step.steps)})` : '';
    case 'parallel':
      return `all (${step.branches.map(program).join(' | ')})`;
    case 'branch': {
      const [taken, otherwise] = [program(step.taken), program(step.otherwise)];
      return taken || otherwise ? `if (${taken} | ${otherwise})` : '';
    }
    case 'wait':
    case 'respond':
    case 'compute':
      return '';
  }
}

const nameOf = ({ component, trigger }: Endpoint): string =>
  trigger.kind === 'http' ? `${component} ${trigger.method} ${trigger.path}` : trigger.kind === 'message' ? `${component} takes ${trigger.channel}` : `${component} by the clock`;

/** Everything of a topology that a fix may change, a line each; where it stands in the files is no part of it. */
export function linesOf(topology: Topology): string[] {
  return [
    ...topology.components.map(
      (it) =>
        `${it.kind} ${it.id}: ${it.engine ?? it.technology}, ${it.scope}, ${value(it.replicas)} × ${value(it.processes)}${it.runsIn ? `, in ${it.runsIn}` : ''}${it.replicaOf ? `, copy of ${it.replicaOf}` : ''}${it.maxConnections.state === 'known' ? `, accepts ${value(it.maxConnections)}` : ''}`,
    ),
    ...topology.calls.map((it) => `${it.from} → ${it.to} ${it.kind}`),
    ...topology.pools.map(
      (it) =>
        `${it.id}: ${it.library} max ${value(it.max)}, timeout ${value(it.acquireTimeoutMs)}, queue ${value(it.queueLimit)}${it.multiplexed ? ', multiplexed' : ''}${it.through ? `, through ${it.through}` : ''}`,
    ),
    ...topology.endpoints.map((it) => `${nameOf(it)}: ${program(it.steps)}`),
    ...topology.endpoints.filter((it) => it.answer?.kept).map((it) => `answers of ${nameOf(it)} say how long they hold`),
    ...topology.channels.map(
      (it) =>
        `${it.kind} ${it.id}: ${it.library}, tried ${value(it.attempts)}${it.backoff ? ` ${it.backoff.kind} ${value(it.backoff.delayMs)}` : ''}, done by ${it.consumers.map((c) => `${c.component} × ${value(c.concurrency)}`).join(' and ') || 'nobody'}`,
    ),
    ...(topology.tables ?? []).flatMap((table) => table.indexes.map((it) => `${it.kind} index of ${table.name}: ${it.columns.join(', ')}${it.isPartial ? ', partial' : ''}`)),
    ...topology.rateLimiters.map((it) => `limit of ${it.component}: ${value(it.limit)} in ${value(it.windowMs)}`),
    ...topology.problems.map((it) => `problem in ${it.file}: ${it.message}`),
    ...topology.conflicts.map((it) => `conflict: ${it.message}`),
  ];
}

/** `- line` for what is gone, `+ line` for what is new. */
export function differenceOf(before: Topology, after: Topology): string[] {
  const [was, is] = [linesOf(before), linesOf(after)];
  return [...without(was, is).map((it) => `- ${it}`), ...without(is, was).map((it) => `+ ${it}`)].sort();
}

/** The lines of one list that the other has not, each as often as it is missing. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((it) => {
    const at = left.indexOf(it);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
