import { keptCommand } from '../code/redact.ts';
import type { FileDetector, StartClaim } from '../detector.ts';
import { nameOf } from './paths.ts';

/** Procfile: one process type per line. */
export default {
  id: 'procfile',
  matches: (path) => nameOf(path) === 'Procfile',
  detect(path, text) {
    const claims = text.split(/\r?\n/).flatMap((line, index): StartClaim[] => {
      const [, name, command] = /^([\w-]+):\s*(\S.*)$/.exec(line) ?? [];
      return name && command ? [{ kind: 'start', name, command: keptCommand(command), place: { file: path, line: index + 1 } }] : [];
    });
    return { claims };
  },
} satisfies FileDetector;
