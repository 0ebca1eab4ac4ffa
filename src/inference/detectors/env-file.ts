import { keptVariable } from '../code/redact.ts';
import type { FileDetector, Said } from '../detector.ts';
import { nameOf } from './paths.ts';

/** `.env` files, reduced line by line to hosts, ports, numbers and switches. */
export default {
  id: 'env-file',
  matches: (path) => /^\.env(\.[\w.-]+)?$|^[\w-]+\.env$/.test(nameOf(path)),
  detect(path, text) {
    const values: Record<string, Said<string>> = {};
    text.split(/\r?\n/).forEach((raw, index) => {
      const [, name, given] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(raw) ?? [];
      if (!name || given === undefined) return;
      const value = /^(["'])(.*)\1/.exec(given)?.[2] ?? given.replace(/\s+#.*$/, '');
      const kept = keptVariable(name, value);
      if (kept) values[name] = { value: kept, place: { file: path, line: index + 1 } };
    });
    return { claims: [{ kind: 'variables', values }] };
  },
} satisfies FileDetector;
