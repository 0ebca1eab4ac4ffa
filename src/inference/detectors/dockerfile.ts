import { keptArgument, keptCommand, keptVariable } from '../code/redact.ts';
import type { FileDetector, Said } from '../detector.ts';
import { nameOf } from './paths.ts';

/** Dockerfile: what the last stage is made from and what it starts. */
export default {
  id: 'dockerfile',
  matches: (path) => /^(Dockerfile|Containerfile)([.-][\w.-]+)?$|\.dockerfile$/i.test(nameOf(path)),
  detect(path, text) {
    const bases: string[] = [];
    const stages = new Map<string, string>();
    const named: Record<string, { command?: string; packageFolders: readonly string[]; worksIn: readonly string[] }> = {};
    let packageFolders: string[] = [];
    let worksIn: string[] = [];
    let current = '';
    const settle = () => {
      const it = keptCommand([entrypoint, command].filter(Boolean).join(' '));
      if (current) named[current] = { ...(it && { command: it }), packageFolders, worksIn };
    };
    let command = '';
    let entrypoint = '';
    let commandLine = 0;
    let exposes = false;
    let workingDirectory = '';
    let environment: Record<string, Said<string>> = {};
    const args: Record<string, string> = {};
    for (const { line, words } of instructions(text)) {
      const [, name, rest] = /^(\w+)\s+(.*)$/s.exec(words) ?? [];
      switch (name?.toUpperCase()) {
        case 'FROM': {
          const [, image, alias] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(rest ?? '') ?? [];
          settle();
          const parent = named[image?.toLowerCase() ?? ''];
          current = alias?.toLowerCase() ?? '';
          packageFolders = [...(parent?.packageFolders ?? [])];
          worksIn = [...(parent?.worksIn ?? [])];
          const base = stages.get(image?.toLowerCase() ?? '') ?? image ?? '';
          if (alias) stages.set(alias.toLowerCase(), base);
          bases.push(base);
          command = parent?.command ?? '';
          entrypoint = '';
          exposes = false;
          if (!parent) workingDirectory = '';
          environment = {};
          break;
        }
        case 'CMD':
          command = commandOf(rest ?? '');
          commandLine = line;
          break;
        case 'ENTRYPOINT':
          entrypoint = commandOf(rest ?? '');
          commandLine = line;
          break;
        case 'COPY':
        case 'ADD': {
          const from = /--from=(\S+)/.exec(rest ?? '')?.[1];
          if (from) worksIn.push(...(named[from.toLowerCase()]?.worksIn ?? []));
          else packageFolders.push(...[...(rest ?? '').matchAll(/(?:^|\s)(?:\.\/)?([\w@$][\w@./${}-]*)\/package\*?[\w.-]*\.json/g)].map((it) => it[1] as string));
          break;
        }
        case 'WORKDIR':
          workingDirectory = joinFolder(workingDirectory, (rest ?? '').trim());
          worksIn.push(workingDirectory);
          break;
        case 'RUN':
          worksIn.push(...[...(rest ?? '').matchAll(/(?:^|&&|;)\s*cd\s+([\w./${}-]+)/g)].map((it) => joinFolder(workingDirectory, it[1] as string)));
          break;
        case 'ARG':
          for (const [, key = '', value = ''] of (rest ?? '').matchAll(/(\w+)=["']?([\w@./-]+)/g)) if (keptArgument(key, value) !== null) args[key] = value;
          break;
        case 'EXPOSE':
          exposes = true;
          break;
        case 'ENV':
          for (const [, key, quoted, bare] of (rest ?? '').matchAll(/([A-Za-z_]\w*)=(?:"([^"]*)"|([^\s]*))/g)) {
            const kept = keptVariable(key as string, (quoted ?? bare ?? '').replace(/^'|'$/g, ''));
            if (kept) environment[key as string] = { value: kept, place: { file: path, line } };
          }
          break;
      }
    }
    const all = keptCommand([entrypoint, command].filter(Boolean).join(' '));
    settle();
    return {
      claims:
        bases.length === 0
          ? []
          : [
              {
                kind: 'image',
                bases,
                stages: named,
                packageFolders: [...new Set(packageFolders)],
                worksIn: [...new Set(worksIn)],
                ...(all && { command: all }),
                ...(all && commandLine > 0 && { commandPlace: { file: path, line: commandLine } }),
                exposes,
                ...(Object.keys(args).length > 0 && { args }),
                ...(workingDirectory && { workingDirectory }),
                environment,
                place: { file: path, line: 1 },
              },
            ],
    };
  },
} satisfies FileDetector;

const joinFolder = (from: string, to: string): string => (to.startsWith('/') ? to : `${from}/${to}`).replace(/["']/g, '');

/** Instructions with their first line; a backslash at the end joins lines. */
function instructions(text: string): { line: number; words: string }[] {
  const found: { line: number; words: string }[] = [];
  let open: { line: number; words: string } | null = null;
  text.split(/\r?\n/).forEach((raw, index) => {
    if (/^\s*#/.test(raw)) return;
    const goesOn = /\\\s*$/.test(raw);
    const words = raw.replace(/\\\s*$/, ' ').trim();
    if (open) open.words += ` ${words}`;
    else if (words) open = { line: index + 1, words };
    if (open && !goesOn) {
      found.push(open);
      open = null;
    }
  });
  return found;
}

function commandOf(rest: string): string {
  const list = /^\[(.*)\]\s*$/s.exec(rest.trim())?.[1];
  return list === undefined ? rest.trim() : [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((it) => (it[1] as string).replace(/\\(["\\])/g, '$1')).join(' ');
}
