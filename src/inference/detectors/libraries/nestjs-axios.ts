import { isCallable, NOTHING, propertyOf, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';

const KEY = '@nestjs/axios HttpService';

/** @nestjs/axios: an axios client behind observables. */
export default {
  id: 'nestjs-axios',
  packages: ['@nestjs/axios'],
  call(it, run) {
    if (it.receiver) return onService(it, it.receiver, run);
    const service = (options: Value): Value => run.make('HttpService', it.place, { axios: run.use('axios', 'create', [options], it.place) });
    switch (it.name) {
      case 'HttpModule.register':
      case 'HttpModule.imported':
        return libraryModule(it, run, { gives: [{ key: KEY, make: () => service(it.args[0] ?? NOTHING) }] });
      case 'HttpModule.registerAsync':
        return libraryModule(it, run, { gives: [{ key: KEY, make: (inject) => service(asyncOptions(it.args[0], 'createHttpOptions', inject, run)) }] });
      case 'HttpService.injected':
      case 'HttpService':
        return service(it.args[0] ?? NOTHING);
      default:
        return UNKNOWN;
    }
  },
  member: (of, name) => (name === 'axiosRef' ? (of.data.axios as Value) : undefined),
} satisfies LibraryDetector;

/** The request runs when somebody waits for it, which is where the call stands. */
function onService(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const axios = of.data.axios as Value;
  const method = it.name === 'request' ? axios : run.property(axios, it.name);
  if (it.name === 'request') return run.use('axios', 'request', [withBase(axios, it.args[0] ?? UNKNOWN)], it.place);
  return isCallable(method) ? (method.t === 'native' ? method.call(it.args, it.place) : run.call(method, it.args)) : UNKNOWN;
}

const withBase = (axios: Value, options: Value): Value => {
  const base = axios.t === 'resource' ? propertyOf(axios.data.options as Value | undefined, 'baseURL') : undefined;
  return base && options.t === 'object' && !options.props.has('baseURL') ? { ...options, props: new Map([...options.props, ['baseURL', base]]) } : options;
};
