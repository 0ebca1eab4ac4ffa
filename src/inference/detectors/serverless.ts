import type { FileDetector, FunctionEvent, ServiceClaim } from '../detector.ts';
import { functionClaim, httpEvent, nameOfResource, type Resources, resourcesIn, scheduleEvent, storesIn } from './cloud-resources.ts';
import { componentName, type Names, resolved, SHORT_FORMS } from './cloud-values.ts';
import { messageEvent } from './cloudformation.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { folderOf, nameOf } from './paths.ts';
import { readYaml, type YamlReading } from './yaml-places.ts';

/** serverless.yml: functions with their events and limits, and the stores of its `resources`. Variables are followed within the file. */
export default {
  id: 'serverless',
  matches: (path) => /^serverless([.-][\w-]+)?\.(ya?ml|json)$/.test(nameOf(path)),
  recognises: (text) => /^\s*["']?(functions|provider|resources)["']?\s*:/m.test(text),
  detect(path, text) {
    const yaml = readYaml(path, text, SHORT_FORMS);
    const problems = [...yaml.problems];
    if (!isObject(yaml.value)) return { claims: [], problems };
    const root = yaml.value;
    const isElsewhere = (it: unknown): boolean => isText(it) && it.includes('${file(');
    if (isElsewhere(root.functions) || (Array.isArray(root.functions) && root.functions.some(isElsewhere)))
      problems.push({ file: path, line: yaml.placeAt(['functions']).line, message: 'Functions that another file brings are not read here.' });
    const resources = resourcesIn(isObject(root.resources) ? root.resources.Resources : undefined);
    const names = namesIn(root, resources);
    const services = [...functionsIn(path, root, resources, names, yaml), ...storesIn(resources, ['resources', 'Resources'], yaml, names)];
    return { claims: services.length > 0 ? [{ kind: 'stack', by: 'serverless', services, place: yaml.placeAt(['service']) }] : [], problems };
  },
} satisfies FileDetector;

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

function functionsIn(file: string, root: Json, resources: Resources, names: Names, yaml: YamlReading): ServiceClaim[] {
  const provider = isObject(root.provider) ? root.provider : {};
  // A list of maps is what several files bring together.
  const blocks: [Json, (string | number)[]][] = Array.isArray(root.functions)
    ? root.functions.flatMap((it, index): [Json, (string | number)[]][] => (isObject(it) ? [[it, ['functions', index]]] : []))
    : isObject(root.functions)
      ? [[root.functions, ['functions']]]
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
