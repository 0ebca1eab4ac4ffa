import type { FileDetector, FunctionEvent, ServiceClaim } from '../detector.ts';
import { busEvents, channelOf, fateOf, functionClaim, httpEvent, nameOfResource, type Resources, resourcesIn, scheduleEvent, storesIn } from './cloud-resources.ts';
import { componentName, type Names, resolved, SHORT_FORMS, toldIn } from './cloud-values.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { folderOf, joinPath, nameOf } from './paths.ts';
import { readYaml, type YamlReading } from './yaml-places.ts';

const FUNCTION_TYPES = new Set(['AWS::Serverless::Function', 'AWS::Lambda::Function']);

/** Templates of CloudFormation and SAM, in YAML or JSON: functions with their events, and the stores that they bring. */
export default {
  id: 'cloudformation',
  matches: (path) => /\.ya?ml$/i.test(path) || /(^|[.\-_])(template|cloudformation|cfn|stack)\.json$/i.test(nameOf(path)) || /\.template$/i.test(path),
  recognises: (text) => /^\s*["']?Resources["']?\s*:/m.test(text) && /["']?Type["']?\s*:\s*["']?AWS::\w/.test(text),
  detect(path, text) {
    const yaml = readYaml(path, text, SHORT_FORMS);
    if (!isObject(yaml.value)) return { claims: [], problems: yaml.problems };
    const resources = resourcesIn(yaml.value.Resources);
    const names = namesOf(resources, yaml.value.Parameters);
    const globals = isObject(yaml.value.Globals) && isObject(yaml.value.Globals.Function) ? yaml.value.Globals.Function : {};
    const functions = Object.entries(resources)
      .filter(([, it]) => FUNCTION_TYPES.has(it.type))
      .map(([id]) => functionIn(path, id, resources, globals, names, yaml));
    const services = [...functions, ...storesIn(resources, ['Resources'], yaml, names)];
    const isSynthesized = /\baws:cdk:path\b|AWS::CDK::Metadata/.test(text) || undefined;
    const logical = Object.keys(resources).flatMap((id) => {
      const name = nameOfResource(resources, id, names);
      return name === undefined ? [] : [[id, name] as const];
    });
    return {
      claims:
        services.length > 0
          ? [{ kind: 'stack', by: 'cloudformation', services, names: Object.fromEntries(logical), ...(isSynthesized && { isSynthesized }), place: yaml.placeAt(['Resources']) }]
          : [],
      problems: yaml.problems,
    };
  },
} satisfies FileDetector;

export function namesOf(resources: Resources, parameters: unknown): Names {
  const names: Names = {
    resource: (id) => nameOfResource(resources, id, names),
    parameter: (name) => (isObject(parameters) && isObject(parameters[name]) && parameters[name].NoEcho === undefined ? parameters[name].Default : undefined),
  };
  return names;
}

const FIELDS = { handler: 'Handler', runtime: 'Runtime', memory: 'MemorySize', timeout: 'Timeout', limit: 'ReservedConcurrentExecutions', image: 'ImageUri' } as const;

function functionIn(file: string, id: string, resources: Resources, globals: Json, names: Names, yaml: YamlReading): ServiceClaim {
  const properties = resources[id]?.properties ?? {};
  const at = ['Resources', id, 'Properties'];
  const code = resolved(properties.CodeUri ?? globals.CodeUri, names);
  // Code that is built and packed elsewhere lies where the packer puts it: its source is looked for beside the template.
  const folder = joinPath(folderOf(file), isText(code) && !/^s3:|\.zip$/.test(code) ? code : '.');
  const variables = (of: Json, path: readonly string[]) => ({
    value: isObject(of.Environment) ? of.Environment.Variables : undefined,
    path: [...path, 'Environment', 'Variables'],
  });
  return functionClaim({
    id: componentName(id),
    platform: 'lambda',
    folder,
    at: ['Resources', id],
    names,
    yaml,
    field: (name) =>
      properties[FIELDS[name]] !== undefined
        ? { value: properties[FIELDS[name]], path: [...at, FIELDS[name]] }
        : { value: globals[FIELDS[name]], path: ['Globals', 'Function', FIELDS[name]] },
    environments: [variables(globals, ['Globals', 'Function']), variables(properties, at)],
    events: [...eventsIn(properties.Events, [...at, 'Events'], resources, names, yaml), ...mappingsTo(id, resources, names, yaml)],
  });
}

function eventsIn(value: unknown, at: readonly string[], resources: Resources, names: Names, yaml: YamlReading): FunctionEvent[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, it]): FunctionEvent[] => {
    const place = yaml.placeAt([...at, name]);
    const own = isObject(it) && isObject(it.Properties) ? it.Properties : {};
    const type = isObject(it) && isText(it.Type) ? it.Type : '';
    switch (type) {
      case 'Api':
      case 'HttpApi':
        return httpEvent(own.Method, own.Path ?? '/{proxy+}', place);
      case 'Schedule':
      case 'ScheduleV2':
        return [scheduleEvent(resolved(own.Schedule ?? own.ScheduleExpression, names), place)];
      case 'EventBridgeRule':
      case 'CloudWatchEvent':
        return busEvents(own.Pattern, own.EventBusName, names, place);
      case 'SQS':
      case 'SNS':
      case 'Kinesis':
      case 'DynamoDB':
        return messageEvent(own.Queue ?? own.Topic ?? own.Stream, type.toLowerCase(), own, [...at, name, 'Properties'], resources, names, yaml);
      default:
        return [];
    }
  });
}

/** `AWS::Lambda::EventSourceMapping` and `AWS::SNS::Subscription` stand beside the function that they call. */
function mappingsTo(id: string, resources: Resources, names: Names, yaml: YamlReading): FunctionEvent[] {
  const isIt = (value: unknown): boolean => JSON.stringify(value ?? '').includes(`"${id}"`) || JSON.stringify(value ?? '').includes(`"${id}.Arn"`);
  return Object.entries(resources).flatMap(([name, { type, properties }]) => {
    const at = ['Resources', name, 'Properties'];
    if (type === 'AWS::Lambda::EventSourceMapping' && isIt(properties.FunctionName)) return messageEvent(properties.EventSourceArn, '', properties, at, resources, names, yaml);
    if (type === 'AWS::Events::Rule' && isIt(properties.Targets))
      return properties.EventPattern === undefined
        ? [scheduleEvent(resolved(properties.ScheduleExpression, names), yaml.placeAt(at))]
        : busEvents(properties.EventPattern, properties.EventBusName, names, yaml.placeAt(at));
    if (type === 'AWS::SNS::Subscription' && isIt(properties.Endpoint)) return messageEvent(properties.TopicArn, 'sns', properties, at, resources, names, yaml);
    return [];
  });
}

/** Where a resource stands, seen from an event of a function. */
const within = (at: readonly (string | number)[], id: string): (string | number)[] => (at[0] === 'Resources' ? ['Resources', id] : ['resources', 'Resources', id]);

export function messageEvent(source: unknown, engine: string, own: Json, at: readonly (string | number)[], resources: Resources, names: Names, yaml: YamlReading): FunctionEvent[] {
  const channel = channelOf(source, resources, names);
  if (!channel || (channel.engine || engine) === '') return [];
  const scaling = isObject(own.ScalingConfig) ? own.ScalingConfig : {};
  const concurrency =
    toldIn(scaling.MaximumConcurrency, [...at, 'ScalingConfig', 'MaximumConcurrency'], yaml, names) ?? toldIn(own.maximumConcurrency, [...at, 'maximumConcurrency'], yaml, names);
  const of = channel.engine || engine;
  const size = toldIn(own.BatchSize, [...at, 'BatchSize'], yaml, names) ?? toldIn(own.batchSize, [...at, 'batchSize'], yaml, names);
  return [
    {
      kind: 'message',
      engine: of,
      channel: channel.channel,
      channelKind: of === 'sqs' ? 'queue' : 'topic',
      ...(concurrency && { concurrency }),
      ...(size && { batchSize: size }),
      ...(channel.queue && { failed: fateOf(channel.queue.properties, yaml.placeAt(within(at, channel.queue.id))) }),
      place: yaml.placeAt(at),
    },
  ];
}
