import { keptCommand } from '../../../code/redact.ts';
import { propertyOf, type Resource, text, textOf, textWith, toldNumber, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, FunctionEvent, InfrastructureGround, LibraryCall, ManagedStore, Said, ServiceClaim, Told } from '../../../detector.ts';
import { busEvents, httpEvent, NOTHING_RUN, scheduleEvent } from '../../cloud-resources.ts';
import { joinPath } from '../../paths.ts';
import { bringApp, bringContainers, bringFeed, bringServer, bringShared, broughtIn, type ContainerDraft, fateOf, nameFor } from '../deployed.ts';
import { appIn, bringHandler, called, environmentIn, toldQuantity } from './functions.ts';

/** How a component of SST is read. Its first argument is its name, its second what it is given. */
export interface Component {
  make?(of: Resource, props: Value | undefined, run: CodeRun): void;
  on?(of: Resource, it: LibraryCall, run: CodeRun): Value | undefined;
  member?(of: Resource, name: string, run: CodeRun): Value | undefined;
}

export const isComponent = (of: Resource): boolean => of.type === 'Component';

export function bringComponent(kind: string, it: LibraryCall, run: CodeRun): Value {
  const id = textWith(it.args[0], '*');
  const of = run.make('Component', it.place, { kind, id, called: id, props: it.args[1] });
  COMPONENTS[kind]?.make?.(of, it.args[1], run);
  return of;
}

const idOf = (of: Resource): string => String(of.data.id);

/** Names of components stand for what the deployment makes of them. */
const member: NonNullable<Component['member']> = (of, name) => (/^(name|arn|url|host|endpoint)$/.test(name) ? text(called(of)) : undefined);

/** A queue, topic, table, bucket or stream: one of its engine's. */
const shared = (engine: string, on?: Component['on']): Component => ({
  make: (of, _props, run) => bringShared(engine, [idOf(of)], { place: of.place }, run),
  ...(on && { on }),
  member,
});

const message = (of: Resource, engine: string, it: LibraryCall, sizes: { batchSize?: Told } & ReturnType<typeof fateOf> = {}): FunctionEvent => ({
  kind: 'message',
  engine,
  channel: called(of),
  channelKind: engine === 'sqs' ? 'queue' : 'topic',
  ...sizes,
  place: it.place,
});

/** `queue.subscribe('src/work.handler', { batch: { size: 5 } })`. */
const onQueue: Component['on'] = (of, it, run) => {
  if (it.name !== 'subscribe') return UNKNOWN;
  const batch = propertyOf(it.args[1], 'batch');
  const batchSize = batch ? toldNumber(batch, 'size') : undefined;
  bringHandler(
    it.args[0],
    [idOf(of), ''],
    [message(of, 'sqs', it, { ...(batchSize && { batchSize }), ...fateOf(of.data.props as Value | undefined, 'dlq', of.place) })],
    undefined,
    it.place,
    run,
  );
  return UNKNOWN;
};

/** `topic.subscribeQueue('Mails', queue.arn)`: the queue is given what comes to the topic. */
function onFeed(engine: string, it: LibraryCall, run: CodeRun): void {
  const queue = it.args.map((one) => textOf(one) ?? (one.t === 'resource' ? called(one) : '')).find((name) => broughtIn(run).channels.get(name) === 'sqs');
  if (it.name === 'subscribeQueue' && queue !== undefined) bringFeed(engine, 'sqs', { place: it.place }, run);
}

/** `topic.subscribe('Mail', 'src/mail.handler')`; before 3.4 without the name. */
const onNamed =
  (engine: string): Component['on'] =>
  (of, it, run) => {
    onFeed(engine, it, run);
    if (it.name !== 'subscribe') return UNKNOWN;
    const hasName = it.args[1]?.t === 'text' || propertyOf(it.args[1], 'handler') !== undefined;
    const [name, handler] = hasName ? [textWith(it.args[0], '*'), it.args[1]] : ['', it.args[0]];
    bringHandler(handler, [idOf(of), name], [message(of, engine, it)], undefined, it.place, run);
    return UNKNOWN;
  };

const onBus: Component['on'] = (of, it, run) => {
  onFeed('eventbridge', it, run);
  if (it.name !== 'subscribe') return UNKNOWN;
  const hasName = it.args[1]?.t === 'text' || propertyOf(it.args[1], 'handler') !== undefined;
  const [name, handler, options] = hasName ? [textWith(it.args[0], '*'), it.args[1], it.args[2]] : ['', it.args[0], it.args[1]];
  const pattern = propertyOf(options, 'pattern');
  const wordsOf = (field: string): string[] => {
    const list = propertyOf(pattern, field);
    return list?.t === 'list' ? list.items.flatMap((one) => textOf(one) ?? []) : [];
  };
  const [types, sources] = [wordsOf('detailType'), wordsOf('source')];
  const names = { resource: () => undefined, parameter: () => undefined };
  const events = busEvents({ ...(types.length > 0 && { 'detail-type': types }), ...(sources.length > 0 && { source: sources }) }, called(of), names, it.place);
  bringHandler(handler, [idOf(of), name], events, undefined, it.place, run);
  return UNKNOWN;
};

/** `bucket.notify({ notifications: [{ name, function }] })`. */
const onBucket: Component['on'] = (of, it, run) => {
  if (it.name === 'subscribe') return onNamed('s3')?.(of, it, run);
  const list = it.name === 'notify' ? propertyOf(it.args[0], 'notifications') : undefined;
  for (const one of list?.t === 'list' ? list.items : []) {
    const handler = propertyOf(one, 'function');
    const queue = propertyOf(one, 'queue');
    if (queue && queue.t !== 'nothing') onFeed('s3', { ...it, name: 'subscribeQueue', args: [queue] }, run);
    if (handler) bringHandler(handler, [idOf(of), textWith(propertyOf(one, 'name'), '*')], [message(of, 's3', it)], undefined, it.place, run);
  }
  return UNKNOWN;
};

/** `api.route('GET /orders/{id}', 'src/orders.get')`. */
const api: Component = {
  make: (of, props) => {
    of.data.defaults = propertyOf(propertyOf(propertyOf(props, 'transform'), 'route'), 'handler');
  },
  on: (of, it, run) => {
    if (it.name !== 'route') return UNKNOWN;
    const key = textWith(it.args[0], '*').trim();
    const [method, path] = /\s/.test(key) ? key.split(/\s+/) : key.startsWith('/') ? ['*', key] : ['*', '/{proxy+}'];
    const handler = it.args[1];
    bringHandler(
      handler,
      [idOf(of), ''],
      httpEvent(method === '$default' ? '*' : method, path?.replaceAll('*', '{part}'), it.place),
      of.data.defaults as Value | undefined,
      it.place,
      run,
    );
    return UNKNOWN;
  },
  member,
};

const cron: Component = {
  make: (of, props, run) => {
    const handler = propertyOf(props, 'function') ?? propertyOf(props, 'job');
    if (handler) bringHandler(handler, [idOf(of)], [scheduleEvent(textOf(propertyOf(props, 'schedule')), of.place)], undefined, of.place, run);
  },
};

const fn: Component = {
  make: (of, props, run) => {
    const draft = bringHandler(props, [idOf(of)], [], undefined, of.place, run);
    if (draft) of.data.called = draft.name;
  },
  member,
};

/** A server of its own. */
const server = (engineIn: (props: Value | undefined) => string | undefined, sizes: string): Component => ({
  make: (of, props, run) => {
    const engine = engineIn(props);
    if (!engine) {
      run.claim({ kind: 'unclear', message: 'Which engine this database has could not be read.', place: of.place });
      return;
    }
    const name = nameFor([idOf(of)], run);
    of.data.called = name;
    const managed = (): ManagedStore => {
      const version = textOf(propertyOf(props, 'version'));
      const size = textOf(propertyOf(props, 'instance'));
      const place = props?.t === 'object' ? props.places.get('instance') : undefined;
      // A proxy pools what its callers open.
      const proxy = propertyOf(props, 'proxy');
      const isProxied = proxy !== undefined && proxy.t !== 'nothing' && !(proxy.t === 'boolean' && !proxy.v);
      return {
        engine,
        ...(version && { version }),
        ...(size && place && { instanceClass: { value: `${sizes}${size}`, place } }),
        ...(isProxied && { maxConnections: { why: 'a proxy in front of it pools connections' } }),
        place: of.place,
      };
    };
    bringServer(name, managed, { place: of.place }, run);
  },
  member,
});

const always = (engine: string) => (): string => engine;
const auroraEngine = (props: Value | undefined): string | undefined => ({ postgres: 'postgres', mysql: 'mysql' })[textOf(propertyOf(props, 'engine')) ?? ''];

/** Containers: `new sst.aws.Service('Api', { cluster, image, scaling })`, one or several of them. */
function bringContainer(of: Resource, props: Value | undefined, run: CodeRun): void {
  const name = nameFor([idOf(of)], run);
  of.data.called = name;
  const several = propertyOf(props, 'containers');
  const boxes = several?.t === 'list' ? several.items : [props];
  bringContainers(() => boxes.map((it, at) => containerOf(at === 0 ? name : `${name}-${textOf(propertyOf(it, 'name')) ?? at + 1}`, it, props, of, run)), { place: of.place }, run);
}

const said = (it: Told | undefined): Said<number> | undefined => (it && 'value' in it ? it : undefined);

/** One container: `own` is what is said of it, `props` what is said of its service. */
function containerOf(name: string, own: Value | undefined, props: Value | undefined, of: Resource, run: CodeRun): ContainerDraft {
  const image = propertyOf(own, 'image');
  const scaling = propertyOf(props, 'scaling');
  const [least, most] = scaling ? [said(toldNumber(scaling, 'min')), said(toldNumber(scaling, 'max'))] : [];
  const percent = scaling && said(toldNumber(scaling, 'cpuUtilization'));
  const cores = said(toldQuantity(own, 'cpu')) ?? (own === props ? undefined : said(toldQuantity(props, 'cpu')));
  const registry = textOf(image);
  const words = propertyOf(own, 'command');
  const command = words?.t === 'list' ? keptCommand(words.items.map((it) => textOf(it) ?? '*').join(' ')) : '';
  const called = textOf(propertyOf(own, 'name'));
  return {
    name,
    aliases: called !== undefined && called !== name && own !== props ? [called] : [],
    ...(registry === undefined
      ? { build: { folder: textOf(propertyOf(image, 'context')) ?? '.', dockerfile: textOf(propertyOf(image, 'dockerfile')) ?? 'Dockerfile' } }
      : { image: registry }),
    ...(command && { command }),
    environment: { ...environmentIn(props, of.place, run), ...(own !== props && environmentIn(own, of.place, run)) },
    hasPorts: ['loadBalancer', 'public', 'serviceRegistry'].some((it) => propertyOf(props, it) !== undefined),
    ...(most && { replicas: most }),
    ...(least && percent && cores && { autoscaling: { least, targetCores: { value: (cores.value * percent.value) / 100, place: percent.place } } }),
    ...(cores && { cores }),
    hasHealthcheck: propertyOf(own, 'health') !== undefined,
    place: of.place,
  };
}

const container: Component = { make: bringContainer, member };

const cluster: Component = {
  on: (_of, it, run) => {
    if (it.name !== 'addService') return UNKNOWN;
    const made = run.make('Component', it.place, { kind: 'aws.Service', id: textWith(it.args[0], '*') });
    bringContainer(made, it.args[1], run);
    return made;
  },
};

/** An application that a framework builds: its server runs as a function. */
const site: Component = {
  make: (of, props, run) => {
    const name = nameFor([idOf(of)], run);
    of.data.called = name;
    const path = textOf(propertyOf(props, 'path')) ?? '.';
    const own = propertyOf(props, 'server');
    const [memoryMb, timeoutMs] = own ? [toldQuantity(own, 'memory'), toldQuantity(own, 'timeout')] : [];
    const environment = environmentIn(props, of.place, run);
    const { name: unit } = appIn(run);
    const app = ({ folder, directory }: InfrastructureGround): ServiceClaim => {
      const root = directory([joinPath(folder, path)]);
      return {
        kind: 'service',
        ...NOTHING_RUN,
        name,
        environment,
        hasPorts: true,
        onDemand: {
          platform: 'sst',
          unit: `${unit} ${name}`,
          ...(root !== undefined && { app: root }),
          events: [],
          ...(memoryMb && { memoryMb }),
          ...(timeoutMs && { timeoutMs }),
        },
        place: of.place,
      };
    };
    bringApp(app, { place: of.place }, run);
  },
  member,
};

/** Files that a browser is handed: nothing of it runs on a server. */
const pages: Component = {
  make: (of, props, run) => {
    const name = nameFor([idOf(of)], run);
    // Whoever is linked to pages shows where they are, and asks them for nothing.
    of.data.called = name;
    of.data.isShown = true;
    const environment = environmentIn(props, of.place, run);
    const path = textOf(propertyOf(props, 'path')) ?? '.';
    const draft: ContainerDraft = {
      name,
      aliases: [],
      build: { folder: path, dockerfile: 'Dockerfile' },
      command: 'serve',
      environment,
      hasPorts: true,
      hasHealthcheck: false,
      place: of.place,
    };
    bringContainers(() => [draft], { place: of.place }, run);
  },
  member,
};

const auth: Component = {
  make: (of, props, run) => {
    const handler = ['issuer', 'authorizer', 'authenticator'].map((name) => propertyOf(props, name)).find((it) => it && it.t !== 'nothing');
    const draft = handler && bringHandler(handler, [idOf(of)], httpEvent('*', '/{proxy+}', of.place), undefined, of.place, run);
    if (draft) of.data.called = draft.name;
  },
  member,
};

const appSync: Component = {
  on: (of, it, run) => {
    const handler = it.name === 'addDataSource' ? propertyOf(it.args[0], 'lambda') : undefined;
    if (handler) bringHandler(handler, [idOf(of), textWith(propertyOf(it.args[0], 'name'), '*')], httpEvent('POST', '/graphql', it.place), undefined, it.place, run);
    return UNKNOWN;
  },
  member,
};

/** What is made elsewhere, with the properties by which code asks for it. */
const linkable: Component = {
  make: (of, props) => {
    of.data.properties = propertyOf(props, 'properties');
  },
  member: (of, name) => propertyOf(of.data.properties as Value | undefined, name),
};

/** A program at the edge of another cloud: it is not read, but its variables tell whom it asks. */
const worker: Component = {
  make: (of, props, run) => {
    const name = nameFor([idOf(of)], run);
    of.data.called = name;
    const draft: ContainerDraft = { name, aliases: [], environment: environmentIn(props, of.place, run), hasPorts: true, hasHealthcheck: false, place: of.place };
    bringContainers(() => [draft], { place: of.place }, run);
  },
  member,
};

const SITES = ['Nextjs', 'Remix', 'React', 'Astro', 'SvelteKit', 'SolidStart', 'Nuxt', 'Analog', 'TanStackStart'];

export const COMPONENTS: Readonly<Record<string, Component>> = {
  'aws.Function': fn,
  'aws.ApiGatewayV1': api,
  'aws.ApiGatewayV2': api,
  'aws.AppSync': appSync,
  'aws.Auth': auth,
  'aws.Cron': cron,
  'aws.CronV2': cron,
  'aws.Queue': shared('sqs', onQueue),
  'aws.SnsTopic': shared('sns', onNamed('sns')),
  'aws.Dynamo': shared('dynamodb', onNamed('dynamodb')),
  'aws.KinesisStream': shared('kinesis', onNamed('kinesis')),
  'aws.Bucket': shared('s3', onBucket),
  'aws.Bus': shared('eventbridge', onBus),
  'aws.Postgres': server(always('postgres'), 'db.'),
  'aws.Mysql': server(always('mysql'), 'db.'),
  'aws.Aurora': server(auroraEngine, 'db.'),
  'aws.Redis': server(always('redis'), 'cache.'),
  'aws.OpenSearch': server(always('opensearch'), ''),
  'aws.Cluster': cluster,
  'aws.Service': container,
  'aws.StaticSite': pages,
  Linkable: linkable,
  'cloudflare.Worker': worker,
  ...Object.fromEntries(SITES.map((name) => [`aws.${name}`, site])),
};
