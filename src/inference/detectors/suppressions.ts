import type { Suppression } from '../../model/topology.ts';

const COMMENT = /(?:\/\/|#|\/\*|<!--)\s*faultline-ignore-next-line\s+([\w-]+)\s*(?:--\s*(.*?))?\s*(?:\*\/|-->)?\s*$/;

/** `faultline-ignore-next-line <rule> -- reason` comments of any file. */
export function suppressionsIn(file: string, text: string): Suppression[] {
  if (!text.includes('faultline-ignore-next-line')) return [];
  return text.split(/\r?\n/).flatMap((line, index) => {
    const found = COMMENT.exec(line);
    return found?.[1] ? [{ rule: found[1], reason: found[2] ?? '', place: { file, line: index + 1 } }] : [];
  });
}
