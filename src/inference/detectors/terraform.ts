import { isSensitiveName, keptCommand, keptLiteral, keptVariable, looksSecret } from '../code/redact.ts';
import type { FileDetector } from '../detector.ts';
import { type HclBlock, type HclExpression, readHcl } from './hcl.ts';

/** Resources that run, store or connect something; everything else of a cloud is passed over unread. */
const RESOURCES =
  /^(aws_(db_instance|db_parameter_group|rds_cluster|rds_cluster_instance|rds_cluster_parameter_group|docdb_cluster|elasticache_\w+|memorydb_cluster|dynamodb_table|sqs_queue|sns_topic|sns_topic_subscription|s3_bucket|kinesis_stream|mq_broker|msk_\w*cluster|opensearch_domain|elasticsearch_domain|lambda_function|lambda_function_url|lambda_permission|lambda_event_source_mapping|apigatewayv2_route|apigatewayv2_integration|cloudwatch_event_rule|cloudwatch_event_target|scheduler_schedule|ecs_service|ecs_task_definition|appautoscaling_target|ecr_repository)|google_(sql_database_instance|redis_instance|memcache_instance|pubsub_topic|pubsub_subscription|cloud_run_service|cloud_run_v2_service)|azurerm_(postgresql_\w*server|postgresql_flexible_server_configuration|mysql_\w*server|mssql_server|redis_cache|servicebus_namespace|servicebus_queue|servicebus_topic|cosmosdb_account))$/;

/** Terraform: variables, locals, outputs, modules, and the resources that are databases, caches, queues, functions or containers. What looks secret is dropped. */
export default {
  id: 'terraform',
  matches: (path) => path.endsWith('.tf'),
  detect(path, text) {
    const { blocks, problems } = readHcl(path, text);
    const own = blocks.filter((it) => (it.type === 'resource' ? RESOURCES.test(it.labels[0] ?? '') : ['variable', 'locals', 'output', 'module'].includes(it.type)));
    return { claims: own.length > 0 ? [{ kind: 'terraform', blocks: own.map(keptBlock), place: { file: path, line: 1 } }] : [], problems };
  },
} satisfies FileDetector;

function keptBlock(it: HclBlock): HclBlock {
  const isSecret = it.labels.some(isSensitiveName) || it.attributes.sensitive?.t === 'value';
  const attributes = Object.entries(it.attributes).flatMap(([name, value]): [string, HclExpression][] =>
    isSensitiveName(name) || (isSecret && (name === 'default' || name === 'value')) || /^(policy|user_data|assume_role_policy|description|tags)$/.test(name)
      ? []
      : [[name, kept(value, name)]],
  );
  return { ...it, attributes: Object.fromEntries(attributes), blocks: it.blocks.map(keptBlock) };
}

/** Words of Terraform itself; a text under a name of the workspace's own (a variable of a process) is kept only where it tells about topology. */
function kept(it: HclExpression, name: string): HclExpression {
  const unknown: HclExpression = { t: 'unknown', place: it.place };
  switch (it.t) {
    case 'value': {
      if (typeof it.v !== 'string') return it;
      const json = asJson(it.v, it);
      if (json) return kept(json, name);
      if (name === 'command' || name === 'entryPoint') return { ...it, v: keptCommand(it.v) };
      const text = isVariableName(name) ? keptVariable(name, it.v) : keptLiteral(it.v);
      return text === null || looksSecret(it.v) ? unknown : { ...it, v: text };
    }
    case 'template': {
      const json = it.parts.every((part) => part.t === 'value') ? undefined : templateJson(it);
      if (json) return kept(json, name);
      return {
        ...it,
        parts: it.parts.map((part) => (part.t === 'value' && typeof part.v === 'string' && looksSecret(part.v.trim()) ? { t: 'unknown', place: part.place } : part)),
      };
    }
    case 'list':
      return { ...it, items: it.items.map((item) => kept(item, name)) };
    case 'map': {
      const named = it.entries.find(([key]) => key === 'name')?.[1];
      const variable = named?.t === 'value' && typeof named.v === 'string' ? named.v : undefined;
      return { ...it, entries: it.entries.flatMap(([key, value]) => (isSensitiveName(key) ? [] : [[key, kept(value, key === 'value' && variable ? variable : key)] as const])) };
    }
    case 'call':
      return it.name === 'file' || it.name === 'base64encode' ? unknown : { ...it, args: it.args.map((arg) => kept(arg, name)) };
    default:
      return it;
  }
}

const isVariableName = (name: string): boolean => /^[A-Z][A-Z0-9_]*$/.test(name);

function asJson(text: string, at: HclExpression): HclExpression | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return fromJson(JSON.parse(text), [], at);
  } catch {
    return undefined;
  }
}

const HOLE = /^__hole_(\d+)__$/;

/** JSON with `${…}` in it, as container definitions are often written. */
function templateJson(it: Extract<HclExpression, { t: 'template' }>): HclExpression | undefined {
  const holes: HclExpression[] = [];
  let isQuoted = false;
  const text = it.parts
    .map((part) => {
      if (part.t === 'value') {
        const words = String(part.v);
        for (let at = 0; at < words.length; at++) if (words[at] === '"' && words[at - 1] !== '\\') isQuoted = !isQuoted;
        return words;
      }
      const mark = `__hole_${holes.push(part) - 1}__`;
      return isQuoted ? mark : `"${mark}"`;
    })
    .join('');
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return fromJson(JSON.parse(text), holes, it);
  } catch {
    return undefined;
  }
}

function fromJson(value: unknown, holes: readonly HclExpression[], { place }: HclExpression): HclExpression {
  const again = (inner: unknown): HclExpression => fromJson(inner, holes, { t: 'unknown', place });
  if (Array.isArray(value)) return { t: 'list', items: value.map(again), place };
  if (typeof value === 'object' && value !== null) return { t: 'map', entries: Object.entries(value).map(([key, it]) => [key, again(it)] as const), place };
  if (typeof value !== 'string') return { t: 'value', v: value as number | boolean | null, place };
  const parts = value.split(/(__hole_\d+__)/).filter((it) => it !== '');
  const made = parts.map((it): HclExpression => {
    const hole = HOLE.exec(it)?.[1];
    return hole === undefined ? { t: 'value', v: it, place } : (holes[Number(hole)] ?? { t: 'unknown', place });
  });
  return made.length === 1 ? (made[0] as HclExpression) : { t: 'template', parts: made, place };
}
