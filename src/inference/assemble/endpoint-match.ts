import { patternOf, type Value } from '../code/values.ts';

/** The endpoint of `target` that a request means: same method, and a path whose parameters fit the holes of the URL. */
export function matchEndpoint(all: readonly { id: string; component: string; method: string; path: string }[], target: string, method: string, url: Value): string | undefined {
  const path = patternOf(url)
    .pattern.replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^[^/]*/, '')
    .replace(/[?#].*$/, '');
  const wanted = path.split('/').filter(Boolean);
  const fits = (pattern: string): boolean => {
    const parts = pattern.split('/').filter(Boolean);
    return parts.length === wanted.length && parts.every((part, at) => part.startsWith(':') || part === '*' || part === wanted[at] || wanted[at]?.includes('*'));
  };
  const candidates = all.filter((it) => it.component === target && it.method === method && fits(it.path));
  return (
    candidates.find((it) =>
      it.path
        .split('/')
        .filter(Boolean)
        .every((part, at) => part === wanted[at] || (part.startsWith(':') && wanted[at]?.includes('*'))),
    ) ?? candidates[0]
  )?.id;
}
