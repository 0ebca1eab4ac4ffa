import type { FileDetector, FunctionEvent, RequestLimit, ServiceClaim } from '../detector.ts';
import { busEvents, fatesIn, functionClaim, httpEvent, nameOfResource, type Resources, resourcesIn, scheduleEvent, storesIn } from './cloud-resources.ts';
import { componentName, type Names, resolved, SHORT_FORMS, toldIn, variablesIn } from './cloud-values.ts';
import { messageEvent } from './cloudformation.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { folderOf, joinPath, nameOf } from './paths.ts';
import { readYaml, type YamlReading } from './yaml-places.ts';

/** serverless.yml: functions with their events and limits, and the stores of its `resources`. Variables are followed within the file. */
export default {
  id: 'serverless',
  matches: (path) => /\.ya?ml$|^serverless([.-][\w-]+)?\.json$/.test(nameOf(path)),
  recognises: (text) => (/^\s*["']?service["']?\s*:/m.test(text) && /^\s*["']?(provider|functions)["']?\s*:/m.test(text)) || isFragment(text),
  detect(path, text) {
    if (isFragment(text)) return fragment(path, text);
    const yaml = readYaml(path, text, SHORT_FORMS);
    const problems = [...yaml.problems];
    if (!isObject(yaml.value)) return { claims: [], problems };
    const root = yaml.value;
    const provider = isObject(root.provider) ? root.provider.name : root.provider;
    if (isText(provider) && provider !== 'aws' && !provider.includes('$'))
      return {
        claims: [],
        problems: [...problems, { file: path, line: yaml.placeAt(['provider']).line, message: 'Functions of this provider are not read here, of AWS they are.' }],
      };
    const includes = (Array.isArray(root.functions) ? root.functions : [root.functions]).flatMap((it) => includedFile(it, folderOf(path)));
    const resources = resourcesIn(isObject(root.resources) ? root.resources.Resources : undefined);
    const names = namesIn(root, resources);
    const requestLimit = requestLimitIn(root, names, yaml);
    const functions = functionsIn(path, root, resources, names, yaml).map((it) => (it.onDemand && requestLimit ? { ...it, onDemand: { ...it.onDemand, requestLimit } } : it));
    const services = [...functions, ...storesIn(resources, ['resources', 'Resources'], yaml, names)];
    if (services.length + includes.length === 0) return { claims: [], problems };
    const unit = isObject(root.service) ? root.service.name : root.service;
    const logical = Object.keys(resources).flatMap((id) => {
      const name = nameOfResource(resources, id, names);
      return name === undefined ? [] : [[id, name] as const];
    });
    const own = isObject(root.provider) ? root.provider : {};
    const runtime = resolved(own.runtime, names);
    const memoryMb = toldIn(own.memorySize, ['provider', 'memorySize'], yaml, names);
    const timeoutMs = toldIn(own.timeout, ['provider', 'timeout'], yaml, names, 1000);
    return {
      claims: [
        {
          kind: 'stack',
          by: 'serverless',
          ...(isText(unit) && !unit.includes('$') && { unit }),
          services,
          names: Object.fromEntries(logical),
          fates: fatesIn(resources, ['resources', 'Resources'], yaml),
          includes,
          defaults: {
            ...(isText(runtime) && { runtime }),
            ...(memoryMb && { memoryMb }),
            ...(timeoutMs && { timeoutMs }),
            ...(requestLimit && { requestLimit }),
            environment: variablesIn(own.environment, ['provider', 'environment'], yaml, names),
          },
          place: yaml.placeAt(['service']),
        },
      ],
      problems,
    };
  },
} satisfies FileDetector;

/** Throttling of API Gateway: of the stage by a plug-in (serverless-api-gateway-throttling), or of each key by a usage plan. */
function requestLimitIn(root: Json, names: Names, yaml: YamlReading): RequestLimit | undefined {
  const custom = isObject(root.custom) ? root.custom.apiGatewayThrottling : undefined;
  const gateway = isObject(root.provider) && isObject(root.provider.apiGateway) ? root.provider.apiGateway : {};
  const plan = isObject(gateway.usagePlan) ? gateway.usagePlan.throttle : undefined;
  const [own, at, rate, burst] = isObject(custom)
    ? [custom, ['custom', 'apiGatewayThrottling'], 'maxRequestsPerSecond', 'maxConcurrentRequests']
    : isObject(plan)
      ? [plan, ['provider', 'apiGateway', 'usagePlan', 'throttle'], 'rateLimit', 'burstLimit']
      : [];
  if (!own || !at || !rate || !burst) return undefined;
  const [perSecond, most] = [rate, burst].map((name) => toldIn(own[name], [...at, name], yaml, names));
  if (!perSecond || !('value' in perSecond)) return undefined;
  return { perSecond, ...(most && 'value' in most && { burst: most }), perClient: !isObject(custom) };
}

/** `${file(./functions.yml)}` and `${file(./functions.yml):functions}`. */
function includedFile(it: unknown, folder: string): string[] {
  const file = isText(it) ? /^\$\{file\(([^)]+\.ya?ml)\)/.exec(it)?.[1] : undefined;
  return file ? [joinPath(folder, file.trim())] : [];
}

/** Functions alone, which a serverless.yml brings in. */
const isFragment = (text: string): boolean =>
  /^\s+handler:\s*[\w./-]+\.\w+\s*$/m.test(text) &&
  /^\s+(events|timeout|memorySize|environment|url):/m.test(text) &&
  !/^(service|provider|Resources|apiVersion|services):/m.test(text);

function fragment(path: string, text: string): ReturnType<FileDetector['detect']> {
  const yaml = readYaml(path, text, SHORT_FORMS);
  const { value } = yaml;
  if (!isObject(value)) return { claims: [], problems: yaml.problems };
  // Resources of the including file are called by their logical names until it is known.
  const names: Names = { resource: (id) => id, parameter: () => undefined, variable: (expression) => fallbackOf(expression) };
  const isNested = isObject(value.functions);
  const services = functionsIn(path, isNested ? value : { functions: value }, {}, names, yaml, isNested ? ['functions'] : []);
  return { claims: services.length > 0 ? [{ kind: 'stack', by: 'serverless', isFragment: true, services, place: { file: path, line: 1 } }] : [], problems: yaml.problems };
}

const fallbackOf = (expression: string): unknown => {
  const fallback = /,\s*(?:(["'])(.*)\1|([\d.]+))\s*$/.exec(expression);
  return fallback?.[3] === undefined ? fallback?.[2] : Number(fallback[3]);
};

/** `self:` leads through the file, a comma brings a default; options, secrets and outputs of others are known to the deployment alone. */
function namesIn(root: Json, resources: Resources): Names {
  const names: Names = {
    resource: (id) => nameOfResource(resources, id, names),
    parameter: () => undefined,
    variable: (expression) => {
      const [first = '', ...rest] = expression.split(/,\s*/);
      const own = /^self:(.+)$/.exec(first.trim())?.[1];
      const value =
        own === undefined ? (first.trim() === 'sls:stage' ? stageOf(root) : undefined) : own.split('.').reduce<unknown>((it, step) => (isObject(it) ? it[step] : undefined), root);
      if (value !== undefined) return value;
      const fallback = rest.join(', ').trim();
      if (fallback === '') return undefined;
      return /^(["']).*\1$/.test(fallback) ? fallback.slice(1, -1) : /^[\d.]+$/.test(fallback) ? Number(fallback) : names.variable?.(fallback);
    },
  };
  return names;
}

const stageOf = (root: Json): unknown => (isObject(root.provider) ? root.provider.stage : undefined) ?? 'dev';

const FIELDS = { handler: 'handler', runtime: 'runtime', memory: 'memorySize', timeout: 'timeout', limit: 'reservedConcurrency', image: 'image' } as const;

function functionsIn(file: string, root: Json, resources: Resources, names: Names, yaml: YamlReading, within: readonly string[] = ['functions']): ServiceClaim[] {
  const provider = isObject(root.provider) ? root.provider : {};
  // A list of maps is what several files bring together.
  const blocks: [Json, (string | number)[]][] = Array.isArray(root.functions)
    ? root.functions.flatMap((it, index): [Json, (string | number)[]][] => (isObject(it) ? [[it, [...within, index]]] : []))
    : isObject(root.functions)
      ? [[root.functions, [...within]]]
      : [];
  return blocks.flatMap(([block, path]) =>
    Object.entries(block).flatMap(([id, it]) => {
      if (!isObject(it)) return [];
      const at = [...path, id];
      return [
        functionClaim({
          id: componentName(id),
          platform: 'serverless',
          folder: folderOf(file),
          at,
          names,
          yaml,
          field: (name) =>
            it[FIELDS[name]] !== undefined || name === 'limit' || name === 'image'
              ? { value: it[FIELDS[name]], path: [...at, FIELDS[name]] }
              : { value: provider[FIELDS[name]], path: ['provider', FIELDS[name]] },
          environments: [
            { value: provider.environment, path: ['provider', 'environment'] },
            { value: it.environment, path: [...at, 'environment'] },
          ],
          events: eventsIn(it, at, resources, names, yaml),
        }),
      ];
    }),
  );
}

function eventsIn(it: Json, at: readonly (string | number)[], resources: Resources, names: Names, yaml: YamlReading): FunctionEvent[] {
  const found = (Array.isArray(it.events) ? it.events : []).flatMap((event, index) => (isObject(event) ? eventOf(event, [...at, 'events', index], resources, names, yaml) : []));
  return it.url === undefined || it.url === false ? found : [...found, ...httpEvent('*', '/{proxy+}', yaml.placeAt([...at, 'url']))];
}

function eventOf(event: Json, at: readonly (string | number)[], resources: Resources, names: Names, yaml: YamlReading): FunctionEvent[] {
  const [[kind, value] = ['', undefined]] = Object.entries(event);
  const place = yaml.placeAt([...at, kind]);
  const own = isObject(value) ? value : {};
  switch (kind) {
    case 'http':
    case 'httpApi': {
      const words = isText(value) ? (value === '*' ? ['*', '/{proxy+}'] : value.trim().split(/\s+/)) : [];
      return isText(value) ? httpEvent(words[0], words[1], place) : httpEvent(own.method, resolved(own.path, names), place);
    }
    case 'alb': {
      const conditions = isObject(own.conditions) ? own.conditions : {};
      const path = Array.isArray(conditions.path) ? conditions.path[0] : conditions.path;
      return httpEvent('*', isText(path) ? path : '/{proxy+}', place);
    }
    case 'schedule':
      return [scheduleEvent(resolved(Array.isArray(own.rate) ? own.rate[0] : (own.rate ?? value), names), place)];
    case 'eventBridge':
    case 'cloudwatchEvent':
      return own.schedule === undefined ? busEvents(own.pattern ?? own.event, own.eventBus, names, place) : [scheduleEvent(resolved(own.schedule, names), place)];
    case 'sqs':
    case 'sns':
    case 'stream': {
      const source = own.arn ?? own.topicName ?? value;
      const engine = kind === 'stream' ? (isText(own.type) ? own.type : '') : kind;
      // A topic that is only named is made by the framework.
      if (kind === 'sns' && isText(source) && !source.startsWith('arn:')) {
        const channel = resolved(source, names);
        return isText(channel) && !channel.includes('*') ? [{ kind: 'message', engine: 'sns', channel, channelKind: 'topic', place }] : [];
      }
      return messageEvent(source, engine, own, [...at, kind], resources, names, yaml);
    }
    default:
      return [];
  }
}
