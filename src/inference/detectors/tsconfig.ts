import { parse } from 'jsonc-parser';
import type { FileDetector } from '../detector.ts';
import { nameOf } from './paths.ts';

const text = (it: unknown): string | undefined => (typeof it === 'string' ? it : undefined);

/** tsconfig.json and jsconfig.json: path aliases and where the built files lie. */
export default {
  id: 'tsconfig',
  matches: (path) => /^(tsconfig(\.\w+)?|jsconfig)\.json$/.test(nameOf(path)),
  detect(_path, source) {
    const options = (parse(source) as { compilerOptions?: Record<string, unknown> } | undefined)?.compilerOptions;
    if (typeof options !== 'object' || options === null) return { claims: [] };
    const paths = typeof options.paths === 'object' && options.paths !== null ? options.paths : {};
    const outDir = text(options.outDir);
    const rootDir = text(options.rootDir);
    return {
      claims: [
        {
          kind: 'pathAlias',
          baseUrl: text(options.baseUrl) ?? '',
          paths: Object.fromEntries(Object.entries(paths).flatMap(([name, it]) => (Array.isArray(it) ? [[name, it.filter((part) => typeof part === 'string')]] : []))),
          ...(outDir && { outDir }),
          ...(rootDir && { rootDir }),
        },
      ],
    };
  },
} satisfies FileDetector;
