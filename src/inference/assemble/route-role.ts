import type { Endpoint } from '../../model/topology.ts';
import type { DraftStep } from '../detector.ts';

type Role = Endpoint['role'];

const READS = new Set(['GET', 'HEAD', 'ALL']);
/** Their name says that they change something: where no write is seen, one was not read. */
const WRITES = new Set(['PUT', 'PATCH', 'DELETE']);

/** Routes that begin alike, before what one does counts as what all do. */
const FEWEST_ALIKE = 4;

/** Steps that most programs begin with, by what they are and where they stand: who asks is looked up there, and when he was last seen is written down. */
export function commonBeginning(programs: readonly (readonly DraftStep[])[]): readonly string[] {
  const common: string[] = [];
  let alike = programs;
  for (;;) {
    const counts = new Map<string, number>();
    for (const it of alike) {
      const step = it[common.length];
      if (step) counts.set(keyOf(step), (counts.get(keyOf(step)) ?? 0) + 1);
    }
    const [next, count] = [...counts].reduce((most, it) => (it[1] > most[1] ? it : most), ['', 0] as const);
    if (count < FEWEST_ALIKE || count * 2 <= programs.length) return common;
    alike = alike.filter((it) => {
      const step = it[common.length];
      return step !== undefined && keyOf(step) === next;
    });
    common.push(next);
  }
}

/**
 * Whether a route reads or writes. GET reads, whatever else it notes down; PUT, PATCH and DELETE write. Anything else is what its program does behind the `common` beginning,
 * where all of it was read and it does nothing but ask: an API that takes every call as a POST is mostly asked. Else it writes.
 */
export function roleOf(method: string, programs: readonly (readonly DraftStep[])[], isWhole: boolean, common: readonly string[]): Role {
  if (READS.has(method)) return 'read';
  if (WRITES.has(method) || !isWhole || programs.length !== 1) return 'write';
  const [program = []] = programs;
  const alike = program.findIndex((it, at) => keyOf(it) !== common[at]);
  const own = alike < 0 ? [] : program.slice(alike);
  return own.some(asks) && own.every((it) => onlyAsks(it, false)) ? 'read' : 'write';
}

const keyOf = (it: DraftStep): string => `${it.kind} ${'label' in it ? it.label : ''} ${it.place.file}:${it.place.line}:${it.place.column ?? ''}`;

const inside = (it: DraftStep): readonly DraftStep[] => {
  switch (it.kind) {
    case 'hold':
    case 'loop':
    case 'batch':
    case 'thread':
      return it.steps;
    case 'parallel':
      return it.branches.flat();
    case 'branch':
      return [...it.taken, ...it.otherwise];
    default:
      return [];
  }
};

/** Its own memory is nobody else: whoever keeps everything there may do so with every call. */
const isOwnMemory = (it: DraftStep): boolean => it.kind === 'cache' && it.client.data.local === true;
const asks = (it: DraftStep): boolean => ((it.kind === 'query' || it.kind === 'cache') && it.operation === 'read' && !isOwnMemory(it)) || inside(it).some(asks);

/** Leaves everything as it was, as far as it is seen: what a cache keeps of an answer is no change. Whom a request asks what, only the other side knows. */
function onlyAsks(it: DraftStep, onMiss: boolean): boolean {
  switch (it.kind) {
    case 'query':
      return it.operation === 'read' || it.shape === 'control';
    case 'cache':
      return (it.operation === 'read' || onMiss || isOwnMemory(it)) && it.onMiss.every((step) => onlyAsks(step, true));
    case 'compute':
      // Whoever hashes a password lets somebody in.
      return it.work !== 'passwordHash' && it.work !== 'localWrite';
    case 'request':
    case 'mail':
    case 'publish':
    case 'unread':
    case 'thread':
      return false;
    default:
      return inside(it).every((step) => onlyAsks(step, onMiss));
  }
}
