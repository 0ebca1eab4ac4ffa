import type { Suppression } from '../../model/topology.ts';

const COMMENT = /(?:\/\/|#|\/\*|<!--)\s*faultline-ignore-next-line\s+([\w-]+)\s*(?:--\s*(.*?))?\s*(?:\*\/|-->)?\s*$/;

/** `faultline-ignore-next-line <rule> -- reason` comments of any file. */
export function suppressionsIn(file: string, text: string): Suppression[] {
  if (!text.includes('faultline-ignore-next-line')) return [];
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const found = COMMENT.exec(line);
    if (!found?.[1]) return [];
    // Several stand one above the other: all of them mean the line below the last.
    let last = index;
    while (COMMENT.test(lines[last + 1] ?? '')) last += 1;
    return [{ rule: found[1], reason: found[2] ?? '', place: { file, line: index + 1, ...(last > index && { endLine: last + 1 }) } }];
  });
}
