import { FILE_URL, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { folderOf, joinPath, nameOf } from '../paths.ts';

/** Node's own path and url: paths from `__dirname` and `import.meta.url`, seen from the root of the workspace. */
export default {
  id: 'node-paths',
  packages: ['path', 'url'],
  call(it): Value {
    const name = it.name.split('.').at(-1) ?? '';
    const parts = it.args.map(textOf);
    const [first] = parts;
    if (it.args[0] && (name === 'fileURLToPath' || name === 'pathToFileURL')) {
      if (first === undefined) return UNKNOWN;
      return text(name === 'fileURLToPath' ? first.replace(FILE_URL, '') : first.startsWith(FILE_URL) ? first : FILE_URL + first);
    }
    // What is absolute in an image or on a desk is no path of the workspace.
    if (first === undefined || first.startsWith('/') || parts.some((part) => part === undefined)) return UNKNOWN;
    if (name === 'dirname') return text(folderOf(first));
    if (name === 'basename') return text(nameOf(first).replace(parts[1] ?? '', ''));
    return name === 'join' || name === 'resolve' ? text(joinPath(...(parts as string[]))) : UNKNOWN;
  },
} satisfies LibraryDetector;
