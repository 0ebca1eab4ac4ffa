import { propertyOf, type Resource, text, textOf, toldValue, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, ManagedStore, Said, Told } from '../../../detector.ts';
import { engineOf } from '../../cloud-resources.ts';
import { bringServer, bringShared, nameFor } from '../deployed.ts';
import { argsOf, constructIn, dataOf, isSaid, type Kind, originOf, placeOfProperty, textIn, wordOf } from './constructs.ts';
import { subscribe } from './events.ts';

/** Stores of which a workspace sees one server, with the property that names one. */
const SHARED: Readonly<Record<string, readonly [engine: string, name: string]>> = {
  'aws_dynamodb.Table': ['dynamodb', 'tableName'],
  'aws_dynamodb.TableV2': ['dynamodb', 'tableName'],
  'aws_dynamodb.CfnTable': ['dynamodb', 'tableName'],
  'aws_dynamodb.CfnGlobalTable': ['dynamodb', 'tableName'],
  'aws_sqs.Queue': ['sqs', 'queueName'],
  'aws_sqs.CfnQueue': ['sqs', 'queueName'],
  'aws_sns.Topic': ['sns', 'topicName'],
  'aws_sns.CfnTopic': ['sns', 'topicName'],
  'aws_s3.Bucket': ['s3', 'bucketName'],
  'aws_s3.CfnBucket': ['s3', 'bucketName'],
  'aws_events.EventBus': ['eventbridge', 'eventBusName'],
  'aws_kinesis.Stream': ['kinesis', 'streamName'],
  'aws_kinesis.CfnStream': ['kinesis', 'streamName'],
};

/** The engine of a store; undefined for anything else. */
export const engineOfConstruct = (of: Resource): string | undefined => SHARED[dataOf(of).kind]?.[0];

const ITS_NAME = /^(attr)?(table|queue|topic|bucket|stream|eventBus)?(Name|Arn|Url|StreamArn|RegionalDomainName|DomainName)$|^(ref|tableStreamArn)$/i;

const shared: Kind = {
  make: (of, run) => {
    const it = dataOf(of);
    const [engine, field] = SHARED[it.kind] as readonly [string, string];
    // A name with the stage in it is told apart by its id.
    it.name = textIn(it.props, field) ?? it.id;
    bringShared(engine, [it.id, it.name], originOf(of), run);
  },
  on: (of, it, run) => {
    if (it.name === 'addSubscription') subscribe(of, it.args[0], it.place, run);
    else if (it.name === 'addEventNotification') subscribe(of, it.args[1], it.place, run);
    else if (/^addObject(Created|Removed)Notification$/.test(it.name)) subscribe(of, it.args[0], it.place, run);
    return UNKNOWN;
  },
  member: (of, name) => (ITS_NAME.test(name) ? text(dataOf(of).name) : undefined),
};

/** Engines of `DatabaseInstanceEngine.postgres({ version })`, `DatabaseClusterEngine.AURORA_POSTGRESQL` and plain words. */
function engineSaid(it: Value | undefined): { engine: string; version?: string } | undefined {
  const word = (isSaid(it, /Engine\.\w+$/) ? String(it.data.name).split('.').at(-1) : wordOf(it)) ?? '';
  const engine = engineOf(word.toLowerCase().replaceAll('_', ''));
  if (!engine) return undefined;
  const version = it?.t === 'resource' ? propertyOf(argsOf(it)[0], 'version') : undefined;
  const said = isSaid(version, /Version\.of$/) ? textOf(argsOf(version)[0]) : wordOf(version)?.replace(/^VER_/, '').replaceAll('_', '.');
  return { engine, ...(said && /^\d/.test(said) && { version: said }) };
}

/** `db.t3.small` of `InstanceType.of(InstanceClass.T3, InstanceSize.SMALL)` and of `new InstanceType('t3.small')`. */
function classOf(props: Value | undefined, field: string, of: Resource): Said<string> | undefined {
  const it = propertyOf(props, field);
  const place = placeOfProperty(props, field, of.place);
  if (isSaid(it, /InstanceType\.of$/)) {
    const [family, size] = argsOf(it).map((one) => wordOf(one)?.toLowerCase());
    return family && size && /^[a-z]\w*$/.test(family) ? { value: `db.${FAMILIES[family] ?? family}.${size}`, place } : undefined;
  }
  const name = isSaid(it, /InstanceType$/) ? textOf(argsOf(it)[0]) : textOf(it);
  return name === undefined ? undefined : { value: /^(db|cache)\./.test(name) ? name : `db.${name}`, place };
}

/** Long names of families that stand for short ones: `BURSTABLE3` is `t3`. */
const FAMILIES: Readonly<Record<string, string>> = {
  burstable2: 't2',
  burstable3: 't3',
  burstable4_graviton: 't4g',
  standard5: 'm5',
  standard6_graviton: 'm6g',
  memory5: 'r5',
  memory6_graviton: 'r6g',
};

/** Parameters may set `max_connections`; a proxy in front pools what its callers open. */
function limitIn(of: Resource): Told | undefined {
  if (of.data.proxied) return { why: 'a proxy in front of it pools connections' };
  const { props } = dataOf(of);
  const group = constructIn(propertyOf(props, 'parameterGroup'));
  if (!group && propertyOf(props, 'parameterGroup')) return { why: 'a parameter group that is not described here may limit its connections' };
  const parameters = propertyOf(props, 'parameters') ?? propertyOf(group && dataOf(group).props, 'parameters');
  const own = propertyOf(parameters, 'max_connections');
  const told = own && toldValue(own, of.place);
  return told && 'value' in told && !Number.isInteger(told.value) ? { why: 'its parameters compute how many connections it accepts' } : told;
}

const ITS_HOST = /^(endpoint|domainEndpoint|attrDomainEndpoint|\w*EndPoint\w*Address|attrEndpointAddress)$/i;

const onServer: NonNullable<Kind['on']> = (of, it) => {
  if (it.name !== 'addProxy') return UNKNOWN;
  of.data.proxied = true;
  return of;
};

/** What connects to a server is given its host. */
const memberOfServer: NonNullable<Kind['member']> = (of, name, run) => {
  if (/^(cluster|instance)(Read)?Endpoint$/.test(name)) return run.make('Endpoint', of.place, { host: dataOf(of).name });
  return ITS_HOST.test(name) ? text(dataOf(of).name) : undefined;
};

function bring(of: Resource, engine: string, rest: () => Partial<ManagedStore>, run: CodeRun): void {
  const it = dataOf(of);
  it.name = nameFor(it.path, run, it.stage?.name);
  bringServer(it.name, () => ({ engine, ...rest(), place: of.place }), originOf(of), run);
}

/** A server of its own, by its engine and the field with its size. */
const server = (engineIn: (props: Value | undefined) => { engine: string; version?: string } | undefined, size: string): Kind => ({
  make: (of, run) => {
    const { props } = dataOf(of);
    const said = engineIn(props);
    if (!said) {
      run.claim({ kind: 'unclear', message: 'Which engine this database has could not be read.', place: of.place });
      return;
    }
    bring(
      of,
      said.engine,
      () => {
        const instanceClass = classOf(props, size, of) ?? classOf(propertyOf(props, 'instanceProps'), size, of) ?? classOfWriter(props, of);
        const maxConnections = limitIn(of);
        return { ...(said.version && { version: said.version }), ...(instanceClass && { instanceClass }), ...(maxConnections && { maxConnections }) };
      },
      run,
    );
  },
  on: onServer,
  member: memberOfServer,
});

/** `writer: ClusterInstance.provisioned('writer', { instanceType })`. */
function classOfWriter(props: Value | undefined, of: Resource): Said<string> | undefined {
  const writer = propertyOf(props, 'writer');
  return isSaid(writer, /ClusterInstance\.provisioned$/) ? classOf(argsOf(writer)[1], 'instanceType', of) : undefined;
}

const byEngine = (props: Value | undefined): ReturnType<typeof engineSaid> => engineSaid(propertyOf(props, 'engine'));
const always = (engine: string) => (): { engine: string } => ({ engine });
const cacheEngine = (props: Value | undefined): { engine: string } => ({ engine: textIn(props, 'engine') === 'memcached' ? 'memcached' : 'redis' });

/** A copy for reads. */
const replica: Kind = {
  make: (of, run) => {
    const source = constructIn(propertyOf(dataOf(of).props, 'sourceDatabaseInstance'));
    const engine = source && byEngine(dataOf(source).props)?.engine;
    if (!source || !engine) return;
    const instanceClass = classOf(dataOf(of).props, 'instanceType', of);
    bring(of, engine, () => ({ replicaOf: dataOf(source).name, ...(instanceClass && { instanceClass }) }), run);
  },
  member: memberOfServer,
};

/** A proxy stands for the database behind it. */
const proxy: Kind = {
  make: (of) => {
    const target = propertyOf(dataOf(of).props, 'proxyTarget');
    const database = target?.t === 'resource' ? constructIn(argsOf(target)[0]) : undefined;
    if (database) database.data.proxied = true;
    of.data.database = database;
  },
  member: (of, name) => {
    const database = of.data.database as Resource | undefined;
    return name === 'endpoint' && database ? text(dataOf(database).name) : undefined;
  },
};

export const STORES: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(Object.keys(SHARED).map((kind) => [kind, shared])),
  'aws_rds.DatabaseInstance': server(byEngine, 'instanceType'),
  'aws_rds.DatabaseInstanceFromSnapshot': server(byEngine, 'instanceType'),
  'aws_rds.DatabaseCluster': server(byEngine, 'instanceType'),
  'aws_rds.ServerlessCluster': server(byEngine, 'instanceType'),
  'aws_rds.CfnDBInstance': server(byEngine, 'dbInstanceClass'),
  'aws_rds.CfnDBCluster': server(byEngine, 'dbClusterInstanceClass'),
  'aws_rds.DatabaseInstanceReadReplica': replica,
  'aws_rds.DatabaseProxy': proxy,
  'aws_docdb.DatabaseCluster': server(always('mongodb'), 'instanceType'),
  'aws_elasticache.CfnCacheCluster': server(cacheEngine, 'cacheNodeType'),
  'aws_elasticache.CfnReplicationGroup': server(cacheEngine, 'cacheNodeType'),
  'aws_elasticache.CfnServerlessCache': server(cacheEngine, 'cacheNodeType'),
  'aws_memorydb.CfnCluster': server(always('redis'), 'nodeType'),
  'aws_opensearchservice.Domain': server(always('opensearch'), 'instanceType'),
  'aws_elasticsearch.Domain': server(always('elasticsearch'), 'instanceType'),
  'aws_msk.CfnCluster': server(always('kafka'), 'instanceType'),
  'aws_msk.Cluster': server(always('kafka'), 'instanceType'),
  'aws_msk.ServerlessCluster': server(always('kafka'), 'instanceType'),
  'aws_amazonmq.CfnBroker': server((props) => (/rabbit/i.test(textIn(props, 'engineType') ?? '') ? { engine: 'rabbitmq' } : undefined), 'hostInstanceType'),
};
