import { propertyOf, type Resource, text, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { CONTAINERS, hostOf, leadTo, onScaling } from './cdk/containers.ts';
import { type Construct, constructIn, dataOf, idIn, type Kind, kindOf } from './cdk/constructs.ts';
import { EVENTS, joinStates } from './cdk/events.ts';
import { FUNCTIONS } from './cdk/functions.ts';
import { GATEWAYS, memberOfPath, onPath } from './cdk/gateways.ts';
import { STORES } from './cdk/stores.ts';

const KINDS: Readonly<Record<string, Kind>> = { ...FUNCTIONS, ...GATEWAYS, ...STORES, ...EVENTS, ...CONTAINERS };

/** Modules of CDK 1, and those that version 2 had apart while they were new. */
const MODULES = [
  'apigateway',
  'apigatewayv2',
  'apigatewayv2-integrations',
  'appsync',
  'dynamodb',
  'ec2',
  'ecr-assets',
  'ecs',
  'ecs-patterns',
  'elasticache',
  'elasticloadbalancingv2',
]
  .concat(['events', 'events-targets', 'kinesis', 'lambda', 'lambda-event-sources', 'lambda-nodejs', 'rds', 's3', 's3-notifications', 'sns', 'sns-subscriptions', 'sqs'])
  .concat([
    'stepfunctions',
    'stepfunctions-tasks',
    'scheduler',
    'scheduler-targets',
    'iam',
    'logs',
    'cloudfront',
    'route53',
    'certificatemanager',
    'secretsmanager',
    'ssm',
    'cognito',
  ]);
const APART = ['apigatewayv2', 'apigatewayv2-integrations', 'lambda-python', 'lambda-go', 'appsync', 'msk', 'scheduler', 'scheduler-targets'];

/**
 * AWS CDK: functions with what calls them, containers, and the stores of its stacks, by the classes of its constructs.
 * Values of the deployment (`queue.queueUrl`) are names here, which is what code and its variables are matched by.
 */
export default {
  id: 'cdk',
  packages: ['aws-cdk-lib', 'constructs', '@aws-cdk/core', ...MODULES.map((it) => `@aws-cdk/aws-${it}`), ...APART.map((it) => `@aws-cdk/aws-${it}-alpha`)],
  call(it, run) {
    if (it.receiver) return onMade(it.receiver, it, run);
    const kind = kindOf(it);
    if (it.isNew) return made(kind, it, run);
    const [name, method] = kind.split('.').slice(-2);
    if (name === 'Stack' && method === 'of') return stackOf(it.args[0]);
    // `Queue.fromQueueArn(this, 'id', arn)`: somebody else's, of the same kind.
    if (/^from[A-Z]/.test(method ?? '') && constructIn(it.args[0]) && it.args.length > 1) return imported(kind.slice(0, kind.lastIndexOf('.')), it, run);
    return run.make('Said', it.place, { name: kind, args: it.args });
  },
  member(of, name, run) {
    switch (of.type) {
      case 'ApiPath':
        return memberOfPath(of, name, run);
      case 'Endpoint':
        return /^(hostname|socketAddress)$/.test(name) ? hostOf(of) : undefined;
      case 'Balancer':
        return name === 'loadBalancerDnsName' ? hostOf(of) : undefined;
      case 'Construct':
        return memberOfConstruct(of, name, run);
      default:
        return undefined;
    }
  },
} satisfies LibraryDetector;

/** A construct has its scope and its id before its properties; everything else is a value. An app has none of these. */
function made(kind: string, it: LibraryCall, run: CodeRun): Value {
  const [scope, id, props] = it.args;
  const parent = constructIn(scope);
  if (/^core\.(App|Stage|Stack|NestedStack|Construct)$/.test(kind) || (parent && id && (id.t === 'text' || id.t === 'unknown')) || (scope?.t === 'instance' && id?.t === 'text')) {
    const above = parent && dataOf(parent);
    const own = idIn(id);
    const isStack = kind === 'core.Stack';
    const isTop = /^core\.(App|Stage)$/.test(kind);
    const [unit, word] = isStack ? withoutStage(own) : [above?.unit ?? ''];
    const stage = word ?? (kind === 'core.Stage' ? own : above?.stage?.name);
    const construct: Construct = {
      kind,
      id: own,
      path: isTop || isStack ? [] : [...(above?.path ?? []), own],
      unit,
      ...(stage !== undefined && { stage: { unit, name: stage } }),
      props,
      name: own,
    };
    const of = run.make('Construct', it.place, { ...construct });
    if (!isTop || !parent) KINDS[kind]?.make?.(of, run);
    return of;
  }
  return run.make('Said', it.place, { name: kind, args: it.args });
}

const STAGE = /(^|[-_.]|(?<=[a-z0-9])(?=[A-Z]))(dev|development|test|testing|staging|stage|beta|gamma|qa|uat|preview|sandbox|prod|production|live)(?=$|[-_.]|[A-Z])/i;

/** What a stack is called in all its stages, and in which it is made: `shop-prod` is `shop` in `prod`. */
function withoutStage(id: string): [unit: string, stage?: string] {
  const word = STAGE.exec(id)?.[2];
  const whole = id.replace(/\*/g, '').replace(/^[-_.]+|[-_.]+$/g, '');
  const rest = whole.replace(STAGE, '').replace(/^[-_.]+|[-_.]+$/g, '');
  return word === undefined || rest === '' ? [whole] : [rest, word];
}

function imported(kind: string, it: LibraryCall, run: CodeRun): Value {
  const [scope, id, from] = it.args;
  const above = constructIn(scope);
  const name = from?.t === 'object' ? undefined : from;
  const said = name ? /([\w.-]+)\/?$/.exec(idIn(name))?.[1] : undefined;
  const own = said && !said.includes('*') ? said : idIn(id);
  const construct: Construct = { kind, id: idIn(id), path: [], unit: above ? dataOf(above).unit : '', props: from, name: own, isImported: true };
  return run.make('Construct', it.place, { ...construct });
}

const stackOf = (it: Value | undefined): Value => constructIn(it) ?? UNKNOWN;

function onMade(of: Resource, it: LibraryCall, run: CodeRun): Value | undefined {
  switch (of.type) {
    case 'ApiPath':
      return onPath(of, it, run) ?? UNKNOWN;
    case 'Scaling':
      return onScaling(of, it.name, it.args);
    case 'Balancer':
      return UNKNOWN;
    case 'Node':
      return it.name === 'tryGetContext' || it.name === 'getContext' ? contextOf(it.args[0], run) : UNKNOWN;
    case 'Construct':
      return onConstruct(of, it, run);
    default:
      return isState(String(of.data.name)) ? joinStates(of, it.args) : UNKNOWN;
  }
}

const isState = (kind: string): boolean => kind.startsWith('aws_stepfunctions') && kind !== 'aws_stepfunctions.StateMachine';

function onConstruct(of: Resource, it: LibraryCall, run: CodeRun): Value | undefined {
  const { kind } = dataOf(of);
  if (isState(kind)) return joinStates(of, it.args);
  if (kind.startsWith('aws_elasticloadbalancing')) {
    const options = it.args.at(-1);
    const targets = propertyOf(options, 'targets');
    leadTo(targets?.t === 'list' ? targets.items : []);
    // Listeners and target groups of a balancer are asked the same.
    return of;
  }
  return KINDS[kind]?.on?.(of, it, run);
}

function memberOfConstruct(of: Resource, name: string, run: CodeRun): Value | undefined {
  if (name === 'node') return run.make('Node', of.place);
  if (name === 'stackName') return text(dataOf(of).unit);
  const own = KINDS[dataOf(of).kind]?.member?.(of, name, run);
  if (own) return own;
  // What only the deployment knows.
  return /^(account|region|partition|urlSuffix|stackId|environment|availabilityZones|url|apiEndpoint|env)$|^(?!add|get|grant)\w+(Arn|Id|Name|Url|Endpoint)$/.test(name)
    ? UNKNOWN
    : undefined;
}

/** A value of cdk.json's context. What the command line gives is not known. */
function contextOf(name: Value | undefined, run: CodeRun): Value {
  const file = run.filesIn('.').find((it) => /(^|\/)cdk\.json$/.test(it));
  const context = file === undefined ? undefined : propertyOf(run.load(file)?.exports, 'context');
  return (context?.t === 'object' && context.props.get(idIn(name))) || UNKNOWN;
}
