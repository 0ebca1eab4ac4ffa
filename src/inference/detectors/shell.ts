import { keptCommand } from '../code/redact.ts';
import type { FileDetector, StartClaim } from '../detector.ts';
import { nameOf } from './paths.ts';

/** Shell scripts that start a container: their plain commands, one claim a line, with the `&` of what goes on beside the others. What they test or loop over is not decided here. */
export default {
  id: 'shell',
  matches: (path) => /(^|[-_.])(entry-?point|start|run|boot|init|server|serve|launch|cmd)([-_.][\w-]*)*\.sh$/i.test(nameOf(path)),
  detect(path, text) {
    const claims: StartClaim[] = [];
    let open = '';
    text.split(/\r?\n/).forEach((raw, index) => {
      const line = open + raw.trim();
      if (line.endsWith('\\')) {
        open = `${line.slice(0, -1)} `;
        return;
      }
      open = '';
      if (
        line === '' ||
        /^(#|set\b|if\b|then\b|else\b|elif\b|fi\b|for\b|while\b|until\b|do\b|done\b|case\b|esac\b|echo\b|export\b|source\b|\.\s|trap\b|sleep\b|exit\b|chown\b|chmod\b|mkdir\b|\w+=\S*$|[\w|*"' -]+\)$|;;|[{}]$)/.test(
          line,
        )
      )
        return;
      claims.push({ kind: 'start', name: '', command: keptCommand(line.replace(/\s*;;\s*$/, '')), place: { file: path, line: index + 1 } });
    });
    return { claims };
  },
} satisfies FileDetector;
