import type { Place } from '../../../../model/known.ts';
import { propertyOf, type Resource, text, textOf, textWith, toldNumber, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall, RequestLimit } from '../../../detector.ts';
import { httpEvent } from '../../cloud-resources.ts';
import { argsOf, constructIn, dataOf, flagOf, itemsOf, type Kind, saidOf, textIn, wordOf } from './constructs.ts';
import { startedBy } from './events.ts';
import { addEvents, addLimit, functionIn } from './functions.ts';

/** Everything below a gateway's root that has no route of its own. */
const REST = '{proxy+}';

/** A path of a REST API, to which methods and further paths are added. */
const pathOf = (api: Resource, path: string, run: CodeRun, place: Place, integration: Value | undefined): Resource => run.make('ApiPath', place, { api, path, integration });

/** `GET /orders` of a gateway leads to what an integration holds: a function, a state machine, a container behind a balancer. */
function route(api: Resource, method: string, path: string, integration: Value | undefined, place: Place, run: CodeRun): void {
  const own = integration ?? (api.data.integration as Value | undefined);
  if (!own || own.t === 'nothing') return;
  if (own.t !== 'resource') {
    run.claim({ kind: 'unclear', message: 'Where this route leads could not be read.', place });
    return;
  }
  const events = httpEvent(method, path.includes('*') ? path.replaceAll('*', '{part}') : path, place);
  // `new LambdaProxyIntegration({ handler })`, as it was called while it was new.
  const target =
    own.type === 'Said'
      ? argsOf(own)
          .map((it) => functionIn(it) ?? functionIn(propertyOf(it, 'handler')))
          .find(Boolean)
      : functionIn(own);
  addEvents(target, events);
  addLimit(target, () => limitOf(api));
  if (!target && own.type === 'Said') for (const it of argsOf(own)) startedBy({ ...own, data: { ...own.data, args: [it] } }, events);
}

/** Requests a second that all callers of a stage may send, or each of a usage plan. */
function limitOf(api: Resource): RequestLimit | undefined {
  const stage = propertyOf(dataOf(api).props, 'deployOptions');
  const plan = api.data.plan as Value | undefined;
  const [of, rate, burst] = toldNumber(stage, 'throttlingRateLimit')
    ? [stage, 'throttlingRateLimit', 'throttlingBurstLimit']
    : [propertyOf(plan, 'throttle'), 'rateLimit', 'burstLimit'];
  const perSecond = saidOf(toldNumber(of, rate as string));
  const most = saidOf(toldNumber(of, burst as string));
  return perSecond && { perSecond, ...(most && { burst: most }), perClient: of !== stage };
}

/** Methods of a path of a REST API. */
export function onPath(of: Resource, it: LibraryCall, run: CodeRun): Value | undefined {
  const { api, path, integration } = of.data as { api: Resource; path: string; integration: Value | undefined };
  const [first, second] = it.args;
  const own = propertyOf(second, 'defaultIntegration') ?? integration;
  switch (it.name) {
    case 'addResource':
      return pathOf(api, `${path}/${textWith(first, '*')}`, run, it.place, own);
    case 'resourceForPath':
      return pathOf(api, `${path}/${textWith(first, '*').replace(/^\//, '')}`, run, it.place, integration);
    case 'getResource':
      return pathOf(api, `${path}/${textWith(first, '*')}`, run, it.place, integration);
    case 'addMethod':
      route(api, textOf(first) ?? '*', path === '' ? '/' : path, second ?? integration, it.place, run);
      return UNKNOWN;
    case 'addProxy': {
      const given = propertyOf(first, 'defaultIntegration') ?? integration;
      if (flagOf(first, 'anyMethod') !== false) route(api, '*', `${path}/${REST}`, given, it.place, run);
      return pathOf(api, `${path}/${REST}`, run, it.place, given);
    }
    default:
      return undefined;
  }
}

export function memberOfPath(of: Resource, name: string, run: CodeRun): Value | undefined {
  if (name === 'path') return text(String(of.data.path));
  return name === 'api'
    ? (of.data.api as Resource)
    : name === 'parentResource'
      ? pathOf(of.data.api as Resource, String(of.data.path).replace(/\/[^/]*$/, ''), run, of.place, undefined)
      : undefined;
}

const rest: Kind = {
  make: (of) => {
    of.data.integration = propertyOf(dataOf(of).props, 'defaultIntegration');
  },
  on: (of, it) => {
    if (it.name === 'addUsagePlan') of.data.plan = it.args[1];
    return UNKNOWN;
  },
  member: (of, name, run) => (name === 'root' ? pathOf(of, '', run, of.place, of.data.integration as Value | undefined) : undefined),
};

/** A REST API of one function: all that comes, unless it says which. */
const lambdaRest: Kind = {
  ...rest,
  make: (of, run) => {
    const { props } = dataOf(of);
    const handler = constructIn(propertyOf(props, 'handler'));
    if (!handler) run.claim({ kind: 'unclear', message: 'Which function answers here could not be read.', place: of.place });
    of.data.integration = handler;
    if (handler && flagOf(props, 'proxy') !== false) route(of, '*', `/${REST}`, handler, of.place, run);
  },
};

/** Routes of an HTTP API: `addRoutes({ path, methods, integration })`. */
const http: Kind = {
  make: (of, run) => {
    of.data.integration = propertyOf(dataOf(of).props, 'defaultIntegration');
    if (of.data.integration) route(of, '*', `/${REST}`, undefined, of.place, run);
  },
  on: (of, it, run) => {
    if (it.name !== 'addRoutes') return UNKNOWN;
    const [options] = it.args;
    const methods = itemsOf(propertyOf(options, 'methods')).map((one) => wordOf(one) ?? '*');
    const path = propertyOf(options, 'path');
    for (const method of methods.length > 0 ? methods : ['*']) route(of, method, textWith(path, '*'), propertyOf(options, 'integration'), it.place, run);
    return UNKNOWN;
  },
};

export const GATEWAYS: Readonly<Record<string, Kind>> = {
  'aws_apigateway.RestApi': rest,
  'aws_apigateway.LambdaRestApi': lambdaRest,
  'aws_apigateway.Resource': {
    make: (of) => {
      const { props } = dataOf(of);
      const parent = propertyOf(props, 'parent');
      if (parent?.t === 'resource' && parent.type === 'ApiPath')
        Object.assign(of, { type: 'ApiPath', data: { ...parent.data, path: `${String(parent.data.path)}/${textIn(props, 'pathPart') ?? '*'}` } });
    },
  },
  'aws_apigateway.Method': {
    make: (of, run) => {
      const { props } = dataOf(of);
      const at = propertyOf(props, 'resource');
      const integration = propertyOf(props, 'integration');
      if (at?.t === 'resource' && at.type === 'ApiPath')
        route(at.data.api as Resource, textIn(props, 'httpMethod') ?? '*', String(at.data.path) || '/', integration, of.place, run);
    },
  },
  'aws_apigatewayv2.HttpApi': http,
  'aws_apigatewayv2.HttpRoute': {
    make: (of, run) => {
      const { props } = dataOf(of);
      const api = constructIn(propertyOf(props, 'httpApi'));
      const key = propertyOf(props, 'routeKey');
      const [path, method] = key?.t === 'resource' ? argsOf(key) : [];
      if (api) route(api, wordOf(method) ?? '*', path ? textWith(path, '*') : `/${REST}`, propertyOf(props, 'integration'), of.place, run);
    },
  },
  'aws_appsync.GraphqlApi': {
    // Each request runs the functions behind the fields that it asks for.
    on: (_of, it) => {
      if (it.name === 'addLambdaDataSource') addEvents(functionIn(it.args[1]), httpEvent('POST', '/graphql', it.place));
      return UNKNOWN;
    },
  },
  'aws_appsync.LambdaDataSource': {
    make: (of) => addEvents(functionIn(propertyOf(dataOf(of).props, 'lambdaFunction')), httpEvent('POST', '/graphql', of.place)),
  },
};
