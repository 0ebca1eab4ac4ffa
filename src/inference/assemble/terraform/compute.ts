import { keptCommand, keptVariable } from '../../code/redact.ts';
import type { FunctionEvent, Said, ServiceClaim, Told } from '../../detector.ts';
import { httpEvent, NOTHING_RUN, scheduleEvent } from '../../detectors/cloud-resources.ts';
import { folderOf, joinPath } from '../../detectors/paths.ts';
import type { HclExpression } from '../../detectors/hcl.ts';
import { type Figure, isResource, type TerraformResource } from './modules.ts';
import { calledName, nameIn, sharedEngine, typeOf } from './names.ts';
import { isSwitchedOff, leadsTo, saidText, toldNumber } from './stores.ts';

const UNITS_PER_CORE = 1024;

/** Functions and containers among resources. */
export const runsAmong = (resources: readonly TerraformResource[]): ServiceClaim[] =>
  resources.flatMap((it): ServiceClaim[] => {
    if (isSwitchedOff(it)) return [];
    switch (typeOf(it)) {
      case 'aws_lambda_function':
        return [functionOf(it, resources)];
      case 'aws_ecs_service':
        return containersOf(it, resources);
      case 'google_cloud_run_service':
      case 'google_cloud_run_v2_service':
        return cloudRun(it);
      default:
        return [];
    }
  });

function functionOf(it: TerraformResource, resources: readonly TerraformResource[]): ServiceClaim {
  const { block, module } = it;
  const handler = saidText(it, 'handler')?.value;
  const runtime = saidText(it, 'runtime')?.value;
  const variables = block.blocks.find((inner) => inner.type === 'environment')?.attributes.variables ?? block.attributes.environment_variables;
  const source = ['source_path', 'source_dir', 'filename'].map((name) => saidText(it, name)?.value).find((value) => value !== undefined);
  const limit = toldNumber(it, block, 'reserved_concurrent_executions');
  const [memory, timeout] = [toldNumber(it, block, 'memory_size'), toldNumber(it, block, 'timeout', 1000)];
  const events = eventsOf(it, resources);
  return {
    kind: 'service',
    ...NOTHING_RUN,
    name: calledName(it),
    environment: variablesIn(module.evaluate(variables), variables),
    hasPorts: events.some((event) => event.kind === 'http'),
    onDemand: {
      platform: 'lambda',
      // A zip is packed elsewhere: the handler's path within it is looked for from the root.
      ...(handler && { handler: source && !/\.(zip|jar)$/.test(source) ? joinPath(folderOf(block.place.file), source.replace(/\$\{path\.module\}/g, '.'), handler) : handler }),
      ...(runtime && { runtime }),
      events,
      ...(limit && !('value' in limit && limit.value < 0) && { limit }),
      ...(memory && { memoryMb: memory }),
      ...(timeout && { timeoutMs: timeout }),
    },
    place: block.place,
  };
}

/** What calls a function stands in resources of its own. */
function eventsOf(it: TerraformResource, resources: readonly TerraformResource[]): FunctionEvent[] {
  const events = resources.flatMap((other): FunctionEvent[] => {
    const { block, module } = other;
    const { place } = block;
    switch (other.type) {
      case 'aws_lambda_event_source_mapping': {
        if (!leadsTo(other, 'function_name', it)) return [];
        const source = module.evaluate(block.attributes.event_source_arn);
        const engine = isResource(source) ? sharedEngine(source.resource) : undefined;
        if (!isResource(source) || !engine) return [];
        const scaling = block.blocks.find((inner) => inner.type === 'scaling_config');
        const concurrency = scaling && toldNumber(other, scaling, 'maximum_concurrency');
        const batchSize = toldNumber(other, block, 'batch_size');
        return [
          {
            kind: 'message',
            engine,
            channel: calledName(source.resource),
            channelKind: engine === 'sqs' ? 'queue' : 'topic',
            ...(concurrency && { concurrency }),
            ...(batchSize && { batchSize }),
            place,
          },
        ];
      }
      case 'aws_sns_topic_subscription': {
        const topic = module.evaluate(block.attributes.topic_arn);
        return leadsTo(other, 'endpoint', it) && isResource(topic) ? [{ kind: 'message', engine: 'sns', channel: calledName(topic.resource), channelKind: 'topic', place }] : [];
      }
      case 'aws_lambda_function_url':
        return leadsTo(other, 'function_name', it) ? httpEvent('*', '/{proxy+}', place) : [];
      case 'aws_apigatewayv2_route': {
        const target = block.attributes.target;
        const integration = resources.find((one) => one.type === 'aws_apigatewayv2_integration' && leadsTo(one, 'integration_uri', it));
        if (!integration || !mentions(target, integration)) return [];
        const [method, path] = String(module.evaluate(block.attributes.route_key) ?? '').split(' ');
        return path ? httpEvent(method, path, place) : httpEvent('*', '/{proxy+}', place);
      }
      case 'aws_cloudwatch_event_target': {
        const rule = module.evaluate(block.attributes.rule);
        return leadsTo(other, 'arn', it) && isResource(rule)
          ? [scheduleEvent(rule.resource.module.evaluate(rule.resource.block.attributes.schedule_expression), rule.resource.block.place)]
          : [];
      }
      default:
        return [];
    }
  });
  if (events.some((event) => event.kind === 'http')) return events;
  // A permission for a gateway: it answers requests, which ones is not said here.
  const permission = resources.find(
    (other) =>
      other.type === 'aws_lambda_permission' &&
      leadsTo(other, 'function_name', it) &&
      /^(apigateway|elasticloadbalancing)\./.test(String(other.module.evaluate(other.block.attributes.principal) ?? '')),
  );
  return permission ? [...events, ...httpEvent('*', '/{proxy+}', permission.block.place)] : events;
}

const mentions = (it: HclExpression | undefined, other: TerraformResource): boolean =>
  it?.t === 'reference' ? it.path[0] === other.type && it.path[1] === other.label : it?.t === 'template' ? it.parts.some((part) => mentions(part, other)) : false;

const isMap = (it: Figure): it is Readonly<Record<string, Figure>> => typeof it === 'object' && it !== null && !Array.isArray(it) && !isResource(it);
const textIn = (it: Figure): string => (isResource(it) ? nameIn(it) : typeof it === 'string' || typeof it === 'number' || typeof it === 'boolean' ? String(it) : '');

/** `arn:…`, `https://…/` and the like of a resource come down to its name, which is what channels and hosts are matched by. */
function variablesIn(value: Figure, at: HclExpression | undefined): Record<string, Said<string>> {
  if (!isMap(value) || !at) return {};
  const places = at.t === 'map' ? new Map(at.entries.map(([name, it]) => [name, it.place])) : new Map();
  return Object.fromEntries(Object.entries(value).flatMap(([name, it]) => kept(name, it, places.get(name) ?? at.place)));
}

function kept(name: string, value: Figure, place: Said<string>['place']): [string, Said<string>][] {
  const text = textIn(value);
  const own = isResource(value) ? text : text === '' || text === '*' ? null : keptVariable(name, text);
  return own ? [[name, { value: own, place }]] : [];
}

function containersOf(it: TerraformResource, resources: readonly TerraformResource[]): ServiceClaim[] {
  const definition = it.module.evaluate(it.block.attributes.task_definition);
  const task = isResource(definition) && definition.resource.type === 'aws_ecs_task_definition' ? definition.resource : undefined;
  if (!task) return [];
  const containers = task.module.evaluate(task.block.attributes.container_definitions);
  const scaler = resources.find((other) => other.type === 'aws_appautoscaling_target' && mentions(other.block.attributes.resource_id, it));
  // Under load an autoscaler goes to its limit, and what breaks is asked there.
  const replicas = numberOf(scaler && toldNumber(scaler, scaler.block, 'max_capacity')) ?? numberOf(toldNumber(it, it.block, 'desired_count'));
  const all = (Array.isArray(containers) ? containers : []).filter(isMap);
  const name = calledName(it);
  const taskCores = numberOf(toldNumber(task, task.block, 'cpu', 1 / UNITS_PER_CORE));
  const place = it.block.place;
  return all.map((box, index): ServiceClaim => {
    const own = textIn(box.name);
    const cores =
      typeof box.cpu === 'number' && box.cpu > 0
        ? { value: box.cpu / UNITS_PER_CORE, place: task.block.attributes.container_definitions?.place ?? place }
        : all.length === 1
          ? taskCores
          : undefined;
    const command = keptCommand([box.entryPoint, box.command].flatMap((words) => (Array.isArray(words) ? words.map(textIn) : [])).join(' '));
    const image = imageOf(box.image);
    const environment = (Array.isArray(box.environment) ? box.environment : [])
      .filter(isMap)
      .flatMap((entry) => kept(textIn(entry.name), entry.value, task.block.attributes.container_definitions?.place ?? place));
    return {
      kind: 'service',
      ...NOTHING_RUN,
      name: index === 0 ? name : `${name}-${own || index + 1}`,
      aliases: own && own !== name && index === 0 ? [own] : [],
      ...(image && { image }),
      ...(command && { command }),
      environment: Object.fromEntries(environment),
      hasPorts: index === 0 && it.block.blocks.some((block) => block.type === 'load_balancer'),
      hasHealthcheck: isMap(box.healthCheck),
      ...(replicas && { replicas }),
      ...(cores && { cores }),
      place,
    };
  });
}

const numberOf = (it: Told | undefined): Said<number> | undefined => (it && 'value' in it ? it : undefined);

/** The tag is the deployment's business. */
const imageOf = (it: Figure): string => textIn(it).replace(/:\*?$|\*+/g, '');

function cloudRun(it: TerraformResource): ServiceClaim[] {
  const { block, module } = it;
  const template = block.blocks.find((inner) => inner.type === 'template');
  const spec = template?.blocks.find((inner) => inner.type === 'spec') ?? template;
  const box = spec?.blocks.find((inner) => inner.type === 'containers');
  if (!box) return [];
  const scaling = template?.blocks.find((inner) => inner.type === 'scaling');
  const replicas = scaling && numberOf(toldNumber(it, scaling, 'max_instance_count'));
  const limits = box.blocks.find((inner) => inner.type === 'resources')?.attributes.limits;
  const figures = module.evaluate(limits);
  const cpu = isMap(figures) ? textIn(figures.cpu) : '';
  const cores = /^\d+(\.\d+)?$/.test(cpu) ? Number(cpu) : /^\d+m$/.test(cpu) ? Number.parseInt(cpu, 10) / 1000 : undefined;
  const image = imageOf(module.evaluate(box.attributes.image));
  const environment = box.blocks
    .filter((inner) => inner.type === 'env')
    .flatMap((inner) => kept(textIn(module.evaluate(inner.attributes.name)), module.evaluate(inner.attributes.value), inner.place));
  return [
    {
      kind: 'service',
      ...NOTHING_RUN,
      name: calledName(it),
      ...(image && { image }),
      environment: Object.fromEntries(environment),
      hasPorts: true,
      ...(replicas && { replicas }),
      ...(cores !== undefined && limits && { cores: { value: cores, place: limits.place } }),
      place: block.place,
    },
  ];
}
