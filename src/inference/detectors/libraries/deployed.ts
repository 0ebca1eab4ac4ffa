import type { Place } from '../../../model/known.ts';
import type { FailedMessages } from '../../../model/topology.ts';
import { isSensitiveName, keptLiteral, keptVariable } from '../../code/redact.ts';
import { propertyOf, textOf, type Value } from '../../code/values.ts';
import type { CodeRun, FunctionClaim, FunctionEvent, InfrastructureGround, ManagedStore, RequestLimit, Said, ServiceClaim, StageOf, Told } from '../../detector.ts';
import { NOTHING_RUN, storeClaim } from '../cloud-resources.ts';
import { componentName } from '../cloud-values.ts';
import { joinPath } from '../paths.ts';

/** What a program of infrastructure has brought so far, whichever library it is written with. */
interface Brought {
  /** Names of components that are taken, by stage. */
  taken: Set<string>;
  /** What code calls its own stores and functions by: nobody's secret. */
  references: Set<string>;
  /** Engines of queues, topics and streams by what they are called. */
  channels: Map<string, string>;
}

export const broughtIn = (run: CodeRun): Brought =>
  run.shared('infrastructure', (): Brought & Record<string, unknown> => ({ taken: new Set(), references: new Set(), channels: new Map() }));

/** Ids that say no more than what kind of thing it is. */
const SAYS_NOTHING = /^(nodejs|python)?[-_]?(function|lambda|fn|handler|service|resource|default|main|db|database|cluster|instance|cache)$/i;

/** Where something is made, and in which of several stages. */
export interface Origin {
  place: Place;
  stage?: StageOf;
}

const claim = (services: (ground: InfrastructureGround) => readonly ServiceClaim[], { place, stage }: Origin, run: CodeRun): void =>
  run.claim({ kind: 'deploys', services, ...(stage && { stage }), place });

/** The name of a component by the ids around it, the innermost last: as few of them as tell it apart. */
export function nameFor(path: readonly string[], run: CodeRun, stage = ''): string {
  const { taken, references } = broughtIn(run);
  const isTaken = (name: string): boolean => taken.has(`${stage} ${name}`);
  const parts = path.map((it) => componentName(it.replaceAll('*', '').replace(/[^\w]+/g, '-')).replace(/^-+|-+$/g, '')).filter((it) => it !== '');
  const least = parts.length > 1 && SAYS_NOTHING.test(parts.at(-1) ?? '') ? 2 : 1;
  const whole = parts.join('-') || 'unnamed';
  let name = whole;
  for (let count = least; count <= parts.length; count++) {
    name = parts.slice(-count).join('-');
    if (!isTaken(name)) break;
  }
  for (let at = 2; isTaken(name); at++) name = `${whole}-${at}`;
  taken.add(`${stage} ${name}`);
  references.add(name);
  return name;
}

/** Environment of a function or container. Names of what the same program brings are kept as they are, everything else as in any deployment file. */
export function variablesOf(it: Value | undefined, run: CodeRun, owner: Place): Record<string, Said<string>> {
  if (it?.t !== 'object') return {};
  const { references } = broughtIn(run);
  return Object.fromEntries([...it.props].flatMap(([name, value]) => kept(name, value, it.places.get(name) ?? owner, references)));
}

function kept(name: string, value: Value, place: Place, references: ReadonlySet<string>): [string, Said<string>][] {
  const text = value.t === 'boolean' ? String(value.v) : textOf(value);
  if (text === undefined || text === '') return [];
  // Plain words of a program are kept as those of any code.
  const word = isSensitiveName(name) || text.includes('://') ? null : keptLiteral(text);
  const own = references.has(text) ? text : (keptVariable(name, text) ?? word);
  return own ? [[name, { value: own, place }]] : [];
}

/** A function while its program is read. */
export interface FunctionDraft {
  name: string;
  unit: string;
  aliases: string[];
  platform: FunctionClaim['platform'];
  /** Where its code may lie, without extension and with the export behind a dot: the first that is there. None: it is not read. */
  handlers(folder: string): readonly string[];
  /** Its code lies here, and its place could not be read. */
  isCodeUnclear: boolean;
  runtime?: string;
  limit?: Told;
  memoryMb?: Told;
  timeoutMs?: Told;
  environment: Record<string, Said<string>>;
  events: FunctionEvent[];
  /** Asked at the end. */
  moreEvents?(): readonly FunctionEvent[];
  requestLimit?(): RequestLimit | undefined;
  origin: Origin;
}

/** Claims a function; it may be changed until the program ends. */
export function bringFunction(draft: FunctionDraft, run: CodeRun): void {
  const services = ({ folder, handler }: InfrastructureGround): ServiceClaim[] => {
    const events = sortedOut([...draft.events, ...(draft.moreEvents?.() ?? [])]);
    const code = handler(draft.handlers(folder));
    const requestLimit = draft.requestLimit?.();
    return [
      {
        kind: 'service',
        ...NOTHING_RUN,
        name: draft.name,
        aliases: draft.aliases,
        environment: draft.environment,
        hasPorts: events.some((it) => it.kind === 'http'),
        onDemand: {
          platform: draft.platform,
          ...(draft.unit && { unit: draft.unit }),
          ...(code !== undefined && { handler: code }),
          ...(draft.runtime && { runtime: draft.runtime }),
          events,
          ...(draft.limit && { limit: draft.limit }),
          ...(draft.memoryMb && { memoryMb: draft.memoryMb }),
          ...(draft.timeoutMs && { timeoutMs: draft.timeoutMs }),
          ...(requestLimit && { requestLimit }),
        },
        place: draft.origin.place,
      },
    ];
  };
  if (draft.isCodeUnclear) run.claim({ kind: 'unclear', message: 'Where the code of this function lies could not be read.', place: draft.origin.place });
  claim(services, draft.origin, run);
}

/** The same event twice (one function behind two gateways) is one. */
function sortedOut(all: readonly FunctionEvent[]): FunctionEvent[] {
  const key = (it: FunctionEvent): string =>
    it.kind === 'http' ? `${it.method} ${it.path}` : it.kind === 'message' ? `${it.engine} ${it.channel}` : `schedule ${it.place.file}:${it.place.line}`;
  return all.filter((it, at) => all.findIndex((other) => key(other) === key(it)) === at);
}

/** Claims a store of which a workspace sees one server, however many tables, queues or topics there are; `called`: what people and code call this one. */
export function bringShared(engine: string, called: readonly string[], origin: Origin, run: CodeRun): void {
  const { references, channels } = broughtIn(run);
  for (const it of called) {
    references.add(it);
    channels.set(it, engine);
  }
  claim(() => [storeClaim(engine, { engine, place: origin.place }, [...new Set(called)])], origin, run);
}

/** Whether a queue that the program declares sets aside what fails, by the property that says so; nothing where that can't be read. */
export function fateOf(props: Value | undefined, name: string, place: Place): { failed?: FailedMessages } {
  if (props !== undefined && props.t !== 'object' && props.t !== 'nothing') return {};
  const said = propertyOf(props, name);
  if (said && said.t !== 'nothing') return { failed: { fate: 'kept', place } };
  return props?.t === 'object' && props.open ? {} : { failed: { fate: 'expired', place } };
}

/** Claims that a broker hands on to another one what comes to it. */
export const bringFeed = (from: string, to: string, origin: Origin, run: CodeRun): void =>
  claim(() => [storeClaim(from, { engine: from, feeds: [{ value: to, place: origin.place }], place: origin.place })], origin, run);

/** Claims a server of its own; `managed` is asked at the end. */
export function bringServer(name: string, managed: () => ManagedStore, origin: Origin, run: CodeRun): void {
  claim(() => [storeClaim(name, managed())], origin, run);
}

/** A container while its program is read. */
export interface ContainerDraft {
  name: string;
  aliases: string[];
  image?: string;
  /** Folder that its image is built from, with the Dockerfile in it. */
  build?: { folder: string; dockerfile: string };
  command?: string;
  environment: Record<string, Said<string>>;
  hasPorts: boolean;
  replicas?: Said<number>;
  autoscaling?: NonNullable<ServiceClaim['autoscaling']>;
  cores?: Said<number>;
  hasHealthcheck: boolean;
  place: Place;
}

/** Claims containers; what they are is asked at the end. */
export const bringContainers = (drafts: () => readonly ContainerDraft[], origin: Origin, run: CodeRun): void =>
  claim((ground) => drafts().map((it) => containerService(it, ground)), origin, run);

/** A container's claim, with its folder looked for from the program's own and from the root. */
function containerService(draft: ContainerDraft, { folder, directory }: InfrastructureGround): ServiceClaim {
  const { build, image, command, replicas, autoscaling, cores, ...rest } = draft;
  const context = build && directory(seenFrom(folder, build.folder));
  return {
    kind: 'service',
    ...NOTHING_RUN,
    ...rest,
    ...(image && { image }),
    ...(context !== undefined &&
      build && { build: { context, dockerfile: directory([joinPath(context, build.dockerfile), joinPath(folder, build.dockerfile)]) ?? joinPath(context, build.dockerfile) } }),
    ...(command && { command }),
    ...(replicas && { replicas }),
    ...(autoscaling && { autoscaling }),
    ...(cores && { cores }),
  };
}

/** Claims a whole application that a framework builds and a platform runs as a function. */
export const bringApp = (app: (ground: InfrastructureGround) => ServiceClaim, origin: Origin, run: CodeRun): void => claim((ground) => [app(ground)], origin, run);

/** A path of a program: from the folder that it is started in, else (put together from `__dirname`) from the root. */
export function seenFrom(folder: string, path: string): string[] {
  const own = joinPath(folder, path);
  const whole = joinPath(path);
  return own === whole ? [own] : [own, whole];
}
