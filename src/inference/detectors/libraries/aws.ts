import { isCallable, NOTHING, object, patternOf, propertyOf, type Resource, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressIn } from './address.ts';
import { askOutside, OUTSIDE, OUTSIDE_PACKAGES, retriesIn } from './aws-outside.ts';

/** Engine behind each client class, of version 3 and of the old SDK. */
const ENGINES: Record<string, string> = {
  S3Client: 's3',
  S3: 's3',
  DynamoDBClient: 'dynamodb',
  DynamoDB: 'dynamodb',
  DynamoDBDocument: 'dynamodb',
  DocumentClient: 'dynamodb',
  SQSClient: 'sqs',
  SQS: 'sqs',
  SNSClient: 'sns',
  SNS: 'sns',
  EventBridgeClient: 'eventbridge',
  EventBridge: 'eventbridge',
  CloudWatchEventsClient: 'eventbridge',
  CloudWatchEvents: 'eventbridge',
  KinesisClient: 'kinesis',
  Kinesis: 'kinesis',
};

/** AWS SDK 2 and 3: S3, DynamoDB, SQS, SNS, EventBridge and Kinesis, and services that are asked like anybody's API; a command says what is done. */
export default {
  id: 'aws',
  packages: [
    '@aws-sdk/client-s3',
    '@aws-sdk/lib-storage',
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/lib-dynamodb',
    '@aws-sdk/client-sqs',
    '@aws-sdk/client-sns',
    '@aws-sdk/client-eventbridge',
    '@aws-sdk/client-cloudwatch-events',
    '@aws-sdk/client-kinesis',
    ...OUTSIDE_PACKAGES,
    '@smithy/util-retry',
    'aws-sdk',
    'sqs-consumer',
  ],
  call(it, run) {
    if (it.receiver) return onClient(it, it.receiver, run);
    const parts = it.name.split('.');
    const name = parts.at(-1) ?? '';
    if (it.package === 'sqs-consumer') return name === 'create' ? consumer(it, run) : UNKNOWN;
    // A document client wraps the one that it is given.
    if (name === 'from' && parts.at(-2)?.startsWith('DynamoDBDocument')) return it.args[0] ?? UNKNOWN;
    if (!it.isNew) return UNKNOWN;
    if (name === 'StandardRetryStrategy') return run.make('RetryStrategy', it.place, { attempts: toldValue(it.args[0], it.place) });
    if (name === 'Upload') return run.make('Upload', it.place, { client: propertyOf(it.args[0], 'client') });
    if (name.endsWith('Command')) return run.make('Command', it.place, { command: name.slice(0, -'Command'.length), input: it.args[0] });
    const engine = ENGINES[name];
    const outside = OUTSIDE[name];
    if (outside) return run.make('AwsClient', it.place, { outside, library: it.package, retries: retriesIn(it.args[0]) });
    return engine ? client(engine, it, run) : UNKNOWN;
  },
} satisfies LibraryDetector;

function client(engine: string, it: LibraryCall, run: CodeRun): Resource {
  const made = run.make('AwsClient', it.place, {
    engine,
    library: it.package === 'aws-sdk' ? 'aws-sdk' : `@aws-sdk/client-${engine}`,
    multiplexed: true,
    address: addressIn(it.args[0], ['endpoint']),
  });
  // What a handler makes in a branch is made for somebody's data, not for this deployment.
  if (!run.isTracing() || run.isCertain()) run.claim({ kind: 'client', client: made });
  const retries = retriesIn(it.args[0]);
  if (retries && 'value' in retries) run.claim({ kind: 'fact', type: 'max_retries', subject: engine, value: retries.value + 1, unit: 'attempts', place: retries.place });
  return made;
}

function onClient(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Upload') {
    const target = of.data.client as Value | undefined;
    if (it.name === 'done' && target?.t === 'resource') perform(it, target, 'PutObject', undefined, run);
    return it.name === 'done' ? { t: 'data' } : of;
  }
  if (of.type === 'Consumer') {
    if (it.name === 'start') run.claim(of.data.claim as Parameters<CodeRun['claim']>[0]);
    return of;
  }
  if (of.type !== 'AwsClient') return it.name === 'promise' ? { t: 'data' } : UNKNOWN;
  const [command] = it.args;
  if (it.name === 'send' && command?.t === 'resource' && command.type === 'Command') {
    const input = command.data.input as Value | undefined;
    perform(it, of, String(command.data.command), input, run);
    // The address of a queue ends with its name.
    if (command.data.command === 'GetQueueUrl') return object([['QueueUrl', propertyOf(input, 'QueueName') ?? UNKNOWN]]);
  } else if (it.name === 'send' && run.isTracing()) run.record({ kind: 'unread', package: String(of.data.library), place: it.place });
  else if (/^[a-z]+[A-Za-z]*$/.test(it.name) && (it.args[0]?.t === 'object' || (of.data.outside !== undefined && it.args[0]?.t === 'data')))
    perform(it, of, `${it.name.charAt(0).toUpperCase()}${it.name.slice(1)}`, it.args[0], run);
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }]);
  return { t: 'data' };
}

/** Last part of a queue's URL or a topic's ARN, or the variable that holds it. */
function nameOf(it: Value | undefined, otherwise = 'queue'): string {
  if (it?.t === 'unset') return it.name;
  const found = /([\w.-]+)$/.exec(patternOf(it).pattern);
  return found?.[1] ?? otherwise;
}

/** What an event is called by those who wait for it: its kind, else the bus that it goes to. */
function eventNames(input: Value | undefined): string[] {
  const entries = propertyOf(input, 'Entries');
  const names = (entries?.t === 'list' ? entries.items : []).map((it) => nameOf(propertyOf(it, 'DetailType') ?? propertyOf(it, 'EventBusName'), 'events'));
  return names.length > 0 ? [...new Set(names)] : ['events'];
}

function perform(it: LibraryCall, of: Resource, command: string, input: Value | undefined, run: CodeRun): void {
  if (of.data.outside !== undefined) {
    askOutside(it, of, command, input, run);
    return;
  }
  const engine = String(of.data.engine);
  const library = String(of.data.library);
  if (engine === 'eventbridge' || engine === 'kinesis') {
    if (!/^Put(Events|Records?)$/.test(command)) return;
    const channels = engine === 'eventbridge' ? eventNames(input) : [nameOf(propertyOf(input, 'StreamName') ?? propertyOf(input, 'StreamARN'), 'stream')];
    for (const channel of channels) run.record({ kind: 'publish', client: of, channel, channelKind: 'topic', library, awaited: true, place: it.place });
    return;
  }
  if (engine === 'sqs' || engine === 'sns') {
    if (!/^(SendMessage|Publish)(Batch)?$/.test(command)) return;
    // A text message to a phone goes through no topic.
    if (engine === 'sns' && !propertyOf(input, 'TopicArn') && !propertyOf(input, 'TargetArn')) {
      run.record({ kind: 'request', url: { t: 'text', parts: ['https://sns.amazonaws.com/'] }, method: 'POST', label: 'sns Publish', library, awaited: true, place: it.place });
      return;
    }
    const channel = nameOf(propertyOf(input, 'QueueUrl') ?? propertyOf(input, 'TopicArn'));
    run.record({ kind: 'publish', client: of, channel, channelKind: engine === 'sqs' ? 'queue' : 'topic', library, awaited: true, place: it.place });
    return;
  }
  const writes = /^(Put|Update|Delete|BatchWrite|Write|Copy|Upload|Create|Complete|Abort|TransactWrite|Restore|batchWrite)/.test(command);
  const reads = /^(Get|Query|Scan|List|Head|BatchGet|TransactGet|Select)/.test(command);
  if (!writes && !reads) return;
  run.record({
    kind: 'query',
    client: of,
    label: engine === 'dynamodb' && propertyOf(input, 'TableName') ? `${command} ${nameOf(propertyOf(input, 'TableName'))}` : command,
    operation: writes ? 'write' : 'read',
    shape: engine === 's3' ? 'object' : shapeOf(command, writes),
    orm: false,
    awaited: true,
    place: it.place,
  });
}

const shapeOf = (command: string, writes: boolean): QueryShape => (writes ? 'write' : command === 'Scan' ? 'aggregate' : command.startsWith('Get') ? 'primaryKey' : 'list');

/** sqs-consumer polls a queue and hands over each message, or each batch. */
function consumer(it: LibraryCall, run: CodeRun): Value {
  const [options] = it.args;
  const given = propertyOf(options, 'sqs');
  const queue = given?.t === 'resource' ? given : client('sqs', it, run);
  const handler = propertyOf(options, 'handleMessage') ?? propertyOf(options, 'handleMessageBatch') ?? UNKNOWN;
  // All messages of a batch are worked on at once, and the next batch comes after the last of them.
  const concurrency = toldNumber(options, 'batchSize');
  const channel = nameOf(propertyOf(options, 'queueUrl'));
  return run.make('Consumer', it.place, {
    claim: { kind: 'consumer', client: queue, library: 'sqs-consumer', channel, channelKind: 'queue', handler, ...(concurrency && { concurrency }), place: it.place },
  });
}
