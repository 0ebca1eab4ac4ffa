import { parse } from 'jsonc-parser';
import type { FileDetector } from '../detector.ts';
import { nameOf } from './paths.ts';

/** package-lock.json: the versions that are really installed at the top level. */
export default {
  id: 'package-lock',
  matches: (path) => nameOf(path) === 'package-lock.json',
  detect(_path, text) {
    const packages = (parse(text) as { packages?: Record<string, { version?: unknown }> } | undefined)?.packages;
    if (typeof packages !== 'object' || packages === null) return { claims: [] };
    const versions = Object.entries(packages).flatMap(([path, it]): [string, string][] => {
      const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
      return name && typeof it?.version === 'string' ? [[name, it.version]] : [];
    });
    return { claims: [{ kind: 'lock', versions: Object.fromEntries(versions) }] };
  },
} satisfies FileDetector;
