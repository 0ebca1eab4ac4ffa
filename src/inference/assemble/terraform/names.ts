import { componentName } from '../../detectors/cloud-values.ts';
import type { TerraformResource } from './modules.ts';

/** Resources that share one broker or store, by type. */
const SHARED: Readonly<Record<string, string>> = {
  aws_sqs_queue: 'sqs',
  aws_sns_topic: 'sns',
  aws_dynamodb_table: 'dynamodb',
  aws_s3_bucket: 's3',
  aws_kinesis_stream: 'kinesis',
  google_pubsub_topic: 'pubsub',
  google_pubsub_subscription: 'pubsub',
  azurerm_servicebus_namespace: 'servicebus',
  azurerm_servicebus_queue: 'servicebus',
  azurerm_servicebus_topic: 'servicebus',
};

/** Modules of public registries that stand for a resource, by the end of their source. */
const WELL_KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^terraform-aws-modules\/rds\/aws/, 'aws_db_instance'],
  [/^terraform-aws-modules\/rds-aurora\/aws/, 'aws_rds_cluster'],
  [/^terraform-aws-modules\/elasticache\/aws/, 'aws_elasticache_replication_group'],
  [/^terraform-aws-modules\/sqs\/aws/, 'aws_sqs_queue'],
  [/^terraform-aws-modules\/sns\/aws/, 'aws_sns_topic'],
  [/^terraform-aws-modules\/dynamodb-table\/aws/, 'aws_dynamodb_table'],
  [/^terraform-aws-modules\/s3-bucket\/aws/, 'aws_s3_bucket'],
  [/^terraform-aws-modules\/lambda\/aws/, 'aws_lambda_function'],
  [/^terraform-google-modules\/sql-db\/google\/\/modules\/\w+|^GoogleCloudPlatform\/sql-db\/google\/\/modules\/\w+/, 'google_sql_database_instance'],
];

/** The type of a resource, or the one that a well-known module makes. */
export function typeOf(it: TerraformResource): string {
  if (it.type !== 'module') return it.type;
  const source = it.block.attributes.source;
  const text = source?.t === 'value' && typeof source.v === 'string' ? source.v : '';
  return WELL_KNOWN.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}

export const sharedEngine = (it: TerraformResource): string | undefined => SHARED[typeOf(it)];

const TELLS_NOTHING =
  /^(main|this|default|primary|db|database|instance|cluster|cache|rds|postgres(ql)?|mysql|redis|queue|topic|function|lambda|app|service|master|writer|module)$/i;

/** What the reader endpoint of a cluster is called. */
export const readerName = (it: TerraformResource): string => `${calledName(it)}-reader`;

/** What an attribute of a resource leads to, as the rest of the workspace calls it. */
export const nameIn = ({ resource, attribute: name }: { resource: TerraformResource; attribute: string }): string =>
  name === 'reader_endpoint' ? readerName(resource) : calledName(resource);

const attribute = (it: TerraformResource, ...names: readonly string[]): string | undefined =>
  names.map((name) => it.module.evaluate(it.block.attributes[name])).find((value): value is string => typeof value === 'string' && value !== '' && !value.includes('*'));

/** What other parts call it: a queue by its name (as code sees it in a URL), a server by its component. `engine` names one whose label tells nothing. */
export function calledName(it: TerraformResource, engine = ''): string {
  const type = typeOf(it);
  if (sharedEngine(it)) return attribute(it, 'name', 'bucket', 'queue_name', 'table_name') ?? it.label;
  if (type === 'aws_ecr_repository') return attribute(it, 'name') ?? it.label;
  const written = attribute(it, 'identifier', 'cluster_identifier', 'replication_group_id', 'cluster_id', 'function_name', 'name');
  const label = TELLS_NOTHING.test(it.label) ? (written ?? engine) : it.label;
  return componentName(label || it.label);
}
