import type { Deployment, Endpoint, Problem, Topology } from '../model/topology.ts';
import type { Configuration } from './assemble/configuration.ts';
import type { Infrastructure } from './assemble/infrastructure.ts';
import type { Layouts } from './assemble/layouts.ts';
import type { moduleResolver } from './assemble/modules.ts';
import type { ReadCode, UnitsRead } from './assemble/read-unit.ts';
import { filesByPath } from './assemble/files-by-path.ts';
import type { Service } from './assemble/service.ts';
import type { ModuleSyntax } from './code/syntax.ts';
import type { FileFacts } from './detector.ts';
import { isConfiguration } from './detectors/index.ts';
import type { AskFacts, CodeFacts, FactReader, Soon } from './fact-reader.ts';
import { isSame, isStill, type Mentions, mentionsIn, type Move, moveBetween, speaksOf, withMoves } from './moved-places.ts';
import { type Patch, patchBetween } from './patched-code.ts';

/** Everything besides code that decides an answer. */
export interface Said {
  paths: readonly string[];
  /** Of configuration, by file. */
  facts: ReadonlyMap<string, FileFacts>;
  /** The deployment that somebody chose. */
  chosen: string | undefined;
  problems: readonly Problem[];
}

/** What follows from that alone. */
export interface Ground extends Said {
  configuration: Configuration;
  services: readonly Service[];
  deployments: readonly Deployment[];
  deploymentProblems: readonly Problem[];
  resolve: ReturnType<typeof moduleResolver>;
  infrastructure: Infrastructure;
}

/** How an answer was made: of the next one, what hangs on unchanged files is taken from here. Of use once: where bodies of functions changed, the next one is made in its place. */
export interface Snapshot {
  ground: Ground;
  /** Files in whose places everything below speaks: as they were read when it was made. */
  code: Map<string, CodeFacts>;
  asks: ReadonlyMap<string, AskFacts>;
  units: UnitsRead;
  layouts: Layouts;
  /** Before the project's own word. */
  topology: Topology;
}

export function isSameGround(before: Said, now: Said): boolean {
  if (before.chosen !== now.chosen || before.paths.length !== now.paths.length || before.facts.size !== now.facts.size) return false;
  if (!before.paths.every((it, at) => it === now.paths[at]) || !isSame(before.problems, now.problems)) return false;
  for (const [file, facts] of now.facts) if (!isSame(before.facts.get(file), facts)) return false;
  return true;
}

/** Files of code held against those of a snapshot. */
export interface Since {
  /** Gives the snapshot's own objects for what has not changed, or only moved. */
  readCode: ReadCode;
  /** Whether all of the snapshot's files are as they were, places apart. */
  isUnchanged(): Promise<boolean>;
  /** Files whose places moved. */
  moves: ReadonlyMap<string, Move>;
  /** Files of which bodies of functions changed, or names that nobody spoke of: they count as the snapshot's own, which becomes another by it. */
  patches: ReadonlyMap<string, Patch>;
  /** What was read, in the places of the snapshot where it is one of its files. */
  code: Map<string, CodeFacts>;
  asks: ReadonlyMap<string, AskFacts>;
  /** Problems and suppressions of what was read, as the files say it now. */
  newest: ReadonlyMap<string, CodeFacts>;
}

/** `changed`: files that count as changed where they only moved. `claim` is asked before anything of the snapshot is changed: whether it is ours alone. */
export function since(before: Snapshot | undefined, reader: FactReader, changed: ReadonlySet<string>, claim: () => boolean): Since {
  const code = new Map<string, CodeFacts>();
  const asks = new Map<string, AskFacts>();
  const newest = new Map<string, CodeFacts>();
  const moves = new Map<string, Move>();
  const patches = new Map<string, Patch>();

  const readCode = (path: string): Soon<CodeFacts | undefined> => {
    const known = code.get(path);
    if (known) return known;
    const now = reader.code(path);
    return now instanceof Promise ? now.then((it) => it && held(path, it)) : now && held(path, now);
  };
  const held = (path: string, now: CodeFacts): CodeFacts => {
    const then = before?.code.get(path);
    const move = then && then !== now ? moveOf(then, now) : undefined;
    const isMoved = move !== undefined && !isStill(move);
    const isKept = then !== undefined && (then === now || (isMoved ? mayMove(path) : isSame([then.module, then.problems, then.claims], [now.module, now.problems, now.claims])));
    if (isKept && isMoved) moves.set(path, move);
    const kept = isKept || (then && patched(path, then, now)) ? then : now;
    code.set(path, kept);
    newest.set(path, now);
    return kept;
  };
  const readModule = (path: string): Soon<ModuleSyntax | undefined> => {
    const read = readCode(path);
    return read instanceof Promise ? read.then((it) => it?.module) : read?.module;
  };
  const patched = (path: string, then: CodeFacts, now: CodeFacts): boolean => {
    const patch = before && mayMove(path) && [then, now].every(({ problems, claims }) => problems.length + claims.length === 0) ? patchBetween(then.module, now.module) : undefined;
    if (!before || !patch || !isSame(filesByPath(then.module, before.ground.configuration), filesByPath(now.module, before.ground.configuration))) return false;
    const units = [...before.units.values()].filter((it) => it.modules.has(path));
    const said = units.map(({ unit }) => unit.reading.said(then.module));
    if (!claim()) return false;
    patch.apply();
    const isDeclared = units.every(({ unit }) => unit.reading.declare(path, patch.added, patch.gone));
    const move = moveOf(then, now);
    if (!isDeclared || !move || units.some(({ unit }, at) => unit.reading.said(then.module) !== said[at])) {
      before.code.delete(path);
      return false;
    }
    patches.set(path, patch);
    if (!isStill(move)) moves.set(path, move);
    return true;
  };
  // What else is read from a file speaks of its own places.
  const mayMove = (path: string): boolean => !isConfiguration(path) && !before?.asks.has(path) && !changed.has(path);
  const readAsks = async (path: string): Promise<AskFacts> => {
    const known = asks.get(path);
    if (known) return known;
    const now = await reader.asks(path);
    const then = before?.asks.get(path);
    const kept = then && isSame(then, now) ? then : now;
    asks.set(path, kept);
    return kept;
  };
  const isUnchanged = async (): Promise<boolean> => {
    if (!before) return false;
    for (const [path, then] of before.code) {
      const now = readCode(path);
      if ((now instanceof Promise ? await now : now) !== then) return false;
    }
    for (const [path, then] of before.asks) if ((await readAsks(path)) !== then) return false;
    return [...patches.values()].every((it) => it.changed.length === 0);
  };
  return {
    patches,
    readCode: Object.assign(readModule, {
      asks: async (path: string) => (await readAsks(path)).claims,
      changed: (path: string) => patches.get(path)?.changed ?? [],
    }),
    isUnchanged,
    moves,
    code,
    asks,
    newest,
  };
}

/** A file with trouble has no move, nor has one with SQL that makes tables: these name lines that no syntax does. */
const moveOf = (then: CodeFacts, now: CodeFacts): Move | undefined =>
  [then, now].some((it) => it.problems.length + it.claims.length > 0) ? undefined : moveBetween(then.module, now.module);

/** Works out what the first answer after this one would else wait for. */
export function ready({ units, topology, layouts }: Snapshot): void {
  for (const it of units.values()) it.ready();
  for (const it of topology.endpoints) mentionsOf(it, layouts);
}

const mentionsOf = ({ steps }: Endpoint, layouts: Layouts): Mentions => layouts.following(steps, 'mentions', '', () => mentionsIn(steps));

/** The snapshot's topology in the places that its files have now; undefined where one of them can't be told. */
export function inPlace({ topology, layouts }: Snapshot, configuration: Configuration, { moves, newest }: Pick<Since, 'moves' | 'newest'>): Topology | undefined {
  const suppressions = [...configuration.suppressions, ...[...newest.values()].flatMap((it) => it.suppressions)];
  if (moves.size === 0) return { ...topology, suppressions };
  const { endpoints } = topology;
  const rest = withMoves({ ...topology, suppressions: [], endpoints: endpoints.map((it) => ({ ...it, steps: [] })) }, moves);
  // Tens of thousands of steps, of which few stand in what was saved.
  const speakOf = (it: Endpoint): boolean => speaksOf(mentionsOf(it, layouts), moves);
  const moved = withMoves(
    endpoints.map((it) => (speakOf(it) ? it.steps : null)),
    moves,
  );
  return rest && moved && { ...rest, endpoints: rest.endpoints.map((it, at) => ({ ...it, steps: moved[at] ?? endpoints[at]?.steps ?? [] })), suppressions };
}
