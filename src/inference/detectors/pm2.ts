import type { FileDetector, ProcessClaim } from '../detector.ts';
import { nameOf } from './paths.ts';

/** PM2 ecosystem files: processes per application. Whether anything starts them, `assemble` decides. */
export default {
  id: 'pm2',
  matches: (path) => /^(ecosystem|pm2|process)(\.\w+)?\.(c?js|json|mjs)$/.test(nameOf(path)),
  detect(path, text) {
    const claims: ProcessClaim[] = [];
    const blocks = text.split(/(?=\{[^{}]*?\bscript["']?\s*:)/);
    let offset = 0;
    for (const block of blocks) {
      const script = /\bscript["']?\s*:\s*["'`]([^"'`]+)["'`]/.exec(block);
      if (script) {
        const instances = /\binstances["']?\s*:\s*["'`]?(max|-?\d+)["'`]?/.exec(block);
        const line = (index: number) => text.slice(0, offset + index).split('\n').length;
        claims.push({
          kind: 'process',
          name: /\bname["']?\s*:\s*["'`]([^"'`]+)["'`]/.exec(block)?.[1] ?? 'app',
          script: script[1] as string,
          instances: instances
            ? { value: instances[1] === 'max' || Number(instances[1]) <= 0 ? 'max' : Number(instances[1]), place: { file: path, line: line(instances.index) } }
            : { value: 1, place: { file: path, line: line(script.index) } },
        });
      }
      offset += block.length;
    }
    return { claims };
  },
} satisfies FileDetector;
