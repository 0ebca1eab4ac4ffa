import { list, object, propertyOf, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { itemsOf } from './nestjs/tokens.ts';

/** React Router 7: the list of routes in `app/routes.ts`. https://reactrouter.com/start/framework/routing */
export default {
  id: 'react-router-routes',
  packages: ['@react-router/dev'],
  call(it) {
    const texts = it.args.filter((arg) => arg.t === 'text');
    const children = it.args.find((arg) => arg.t === 'list');
    const node = (entries: readonly (readonly [string, Value | undefined])[]): Value =>
      object(entries.flatMap(([name, value]): [string, Value][] => (value ? [[name, value]] : [])));
    switch (it.name.split('.').at(-1)) {
      case 'route':
        return node([
          ['path', texts.length > 1 ? texts[0] : undefined],
          ['file', texts.at(-1)],
          ['children', children],
        ]);
      case 'index':
        return node([
          ['index', { t: 'boolean', v: true }],
          ['file', texts[0]],
        ]);
      case 'layout':
        return node([
          ['file', texts[0]],
          ['children', children],
        ]);
      case 'prefix': {
        const before = textOf(texts[0]) ?? '';
        return list(itemsOf(children).map((one) => under(before, one)));
      }
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

/** A route with a path before its own; what has none hands it on to what it holds. */
function under(prefix: string, it: Value): Value {
  if (it.t !== 'object') return it;
  const path = textOf(propertyOf(it, 'path'));
  const children = propertyOf(it, 'children');
  const isOwn = path !== undefined || propertyOf(it, 'index') !== undefined;
  if (isOwn) return object([...it.props, ['path', text([prefix, path].filter(Boolean).join('/'))]]);
  return object([...it.props, ...(children ? [['children', list(itemsOf(children).map((one) => under(prefix, one)))] as const] : [])]);
}
