import { object, propertyOf, type Resource, text, textOf, toldNumber, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, FunctionEvent, RequestLimit } from '../../../detector.ts';
import { httpEvent } from '../../cloud-resources.ts';
import { folderOf, joinPath } from '../../paths.ts';
import { bringFunction, type FunctionDraft, nameFor, seenFrom, variablesOf } from '../deployed.ts';
import { argsOf, constructIn, dataOf, isSaid, type Kind, originOf, textIn, toldDuration, wordOf } from './constructs.ts';
import { addSource, eventsOfMachines } from './events.ts';

/** A function while its program is read. */
export const draftOf = (of: Resource): FunctionDraft => of.data.draft as FunctionDraft;

/** The function that a value leads to: itself, or behind an alias or a version of it. */
export function functionIn(it: Value | undefined): Resource | undefined {
  const own = constructIn(it);
  if (!own) return undefined;
  if (own.data.draft) return own;
  return own.data.function as Resource | undefined;
}

export function addEvents(of: Resource | undefined, events: readonly FunctionEvent[]): void {
  if (of?.data.draft) draftOf(of).events.push(...events);
}

/** A gateway's limit counts for each function that it leads to. */
export const addLimit = (of: Resource | undefined, limit: () => RequestLimit | undefined): void => {
  if (of?.data.draft) draftOf(of).requestLimit ??= limit;
};

interface Code {
  handlers(folder: string): readonly string[];
  isUnclear: boolean;
  runtime?: string;
}

const NOT_HERE: Code = { handlers: () => [], isUnclear: false };
const UNCLEAR: Code = { handlers: () => [], isUnclear: true };

/** `Code.fromAsset(folder)` with `file.export` in it. */
function packedCode(props: Value | undefined): Code {
  const code = propertyOf(props, 'code');
  const handler = textIn(props, 'handler');
  // What is written into the template, or lies in a bucket or an image, is no file of the workspace.
  if (isSaid(code, /\.(InlineCode|Code\.(fromInline|inline|fromBucket|bucket|fromEcrImage|fromAssetImage|fromDockerBuild|fromCfnParameters))$/)) return NOT_HERE;
  const folder = isSaid(code, /\.(AssetCode|Code\.(fromAsset|asset|fromCustomCommand))$/) ? textOf(argsOf(code)[0]) : undefined;
  if (folder === undefined || handler === undefined) return UNCLEAR;
  return { handlers: (from) => seenFrom(from, folder.replace(/\.(zip|jar)$/, '')).map((it) => joinPath(it, handler)), isUnclear: false };
}

/** An entry file that is bundled; without one, the file beside the program's that is called after both. */
function bundledCode(of: Resource): Code {
  const { props, id } = dataOf(of);
  const said = propertyOf(props, 'entry');
  const entry = textOf(said);
  if (said && said.t !== 'nothing' && entry === undefined) return UNCLEAR;
  const name = (textIn(props, 'handler') ?? 'handler').split('.').at(-1) ?? 'handler';
  const here = of.place.file;
  const beside = joinPath(folderOf(here), `${here.slice(here.lastIndexOf('/') + 1).replace(/\.[cm]?[jt]sx?$/, '')}.${id}`);
  return { handlers: (from) => (entry === undefined ? [beside] : seenFrom(from, entry)).map((it) => `${it.replace(/\.[cm]?[jt]sx?$/, '')}.${name}`), isUnclear: false };
}

function makeFunction(of: Resource, code: Code, run: CodeRun): void {
  const it = dataOf(of);
  const { props } = it;
  const name = nameFor(it.path, run, it.stage?.name);
  it.name = name;
  const runtime = propertyOf(props, 'runtime');
  const runtimeName = wordOf(isSaid(runtime, /\.Runtime$/) ? argsOf(runtime)[0] : runtime)?.toLowerCase();
  const limit = toldNumber(props, 'reservedConcurrentExecutions');
  const memoryMb = toldNumber(props, 'memorySize');
  const timeoutMs = toldDuration(props, 'timeout');
  const called = textIn(props, 'functionName');
  const draft: FunctionDraft = {
    name,
    unit: it.unit,
    aliases: called !== undefined && called !== name ? [called] : [],
    platform: 'lambda',
    handlers: code.handlers,
    isCodeUnclear: code.isUnclear,
    ...((code.runtime ?? runtimeName) && { runtime: code.runtime ?? runtimeName }),
    ...(limit && { limit }),
    ...(memoryMb && { memoryMb }),
    ...(timeoutMs && { timeoutMs }),
    environment: variablesOf(propertyOf(props, 'environment'), run, of.place),
    events: [],
    moreEvents: () => eventsOfMachines(of, run),
    origin: originOf(of),
  };
  of.data.draft = draft;
  bringFunction(draft, run);
  for (const source of itemsIn(propertyOf(props, 'events'))) addSource(of, source, of.place, run);
}

const itemsIn = (it: Value | undefined): readonly Value[] => (it?.t === 'list' ? it.items : []);

const on: NonNullable<Kind['on']> = (of, it, run) => {
  const draft = of.data.draft as FunctionDraft | undefined;
  const [first, second] = it.args;
  switch (draft && it.name) {
    case 'addEnvironment': {
      const name = textOf(first);
      if (draft && name !== undefined && second) Object.assign(draft.environment, variablesOf(object([[name, second]]), run, it.place));
      return of;
    }
    case 'addEventSource':
      addSource(of, first, it.place, run);
      return UNKNOWN;
    case 'addEventSourceMapping':
      addSource(of, second, it.place, run);
      return UNKNOWN;
    case 'addFunctionUrl':
      addEvents(of, httpEvent('*', '/{proxy+}', it.place));
      return UNKNOWN;
    case 'addAlias':
      return of;
    default:
      return undefined;
  }
};

const member: NonNullable<Kind['member']> = (of, name) => {
  if (/^(functionName|functionArn|functionRef)$/.test(name)) return text(dataOf(of).name);
  return /^(currentVersion|latestVersion|lambda)$/.test(name) ? of : undefined;
};

const packed: Kind = { make: (of, run) => makeFunction(of, packedCode(dataOf(of).props), run), on, member };
const bundled: Kind = { make: (of, run) => makeFunction(of, bundledCode(of), run), on, member };
const elsewhere = (runtime?: string): Kind => ({ make: (of, run) => makeFunction(of, { ...NOT_HERE, ...(runtime && { runtime }) }, run), on, member });

/** An alias or a version stands for its function. */
const behind = (name: string): Kind => ({
  make: (of) => {
    of.data.function = functionIn(propertyOf(dataOf(of).props, name));
  },
  on: (of, it, run) => {
    const inner = of.data.function as Resource | undefined;
    return inner && on(inner, it, run);
  },
  member: (of, attribute, run) => {
    const inner = of.data.function as Resource | undefined;
    return inner && member(inner, attribute, run);
  },
});

export const FUNCTIONS: Readonly<Record<string, Kind>> = {
  'aws_lambda.Function': packed,
  'aws_lambda.SingletonFunction': packed,
  'aws_lambda.DockerImageFunction': elsewhere(),
  'aws_lambda_nodejs.NodejsFunction': bundled,
  'aws_lambda_python.PythonFunction': elsewhere('python'),
  'aws_lambda_go.GoFunction': elsewhere('go'),
  'aws_lambda.Alias': behind('version'),
  'aws_lambda.Version': behind('lambda'),
  'aws_lambda.FunctionUrl': {
    make: (of) => addEvents(functionIn(propertyOf(dataOf(of).props, 'function')), httpEvent('*', '/{proxy+}', of.place)),
  },
  'aws_lambda.EventSourceMapping': {
    make: (of, run) => addSource(functionIn(propertyOf(dataOf(of).props, 'target')), dataOf(of).props, of.place, run),
  },
};
