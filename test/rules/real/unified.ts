import { applyEdits, type FileEdit } from '../../../src/model/edit.ts';

const AROUND = 12;

/** An edit as the lines that go and come, with those around each place. */
export function unified(edit: FileEdit): string {
  if (edit.kind === 'create')
    return `+++ ${edit.file} (new)\n${edit.text
      .split('\n')
      .map((it) => `+${it}\n`)
      .join('')}`;
  const [was, is] = [edit.before.split('\n'), applyEdits(edit.before, edit.edits).split('\n')];
  const steps = stepsOf(was, is);
  const near = (at: number): boolean => steps.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((it) => it[0] !== ' ');
  const shown = steps.flatMap((it, at) => (near(at) ? [it] : near(at - 1) ? ['@@'] : []));
  return `--- ${edit.file}\n${shown.join('\n')}\n`;
}

/** Lines of both texts in order, each with ` `, `-` or `+` before it; common ends are taken off first, since edits are small. */
function stepsOf(was: readonly string[], is: readonly string[]): string[] {
  let start = 0;
  while (start < was.length && start < is.length && was[start] === is[start]) start += 1;
  let tail = 0;
  while (tail < was.length - start && tail < is.length - start && was[was.length - 1 - tail] === is[is.length - 1 - tail]) tail += 1;
  const [a, b] = [was.slice(start, was.length - tail), is.slice(start, is.length - tail)];
  const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [row, next] = [longest[i] as Uint32Array, longest[i + 1] as Uint32Array];
      row[j] = a[i] === b[j] ? (next[j + 1] as number) + 1 : Math.max(next[j] as number, row[j + 1] as number);
    }
  const steps = was.slice(0, start).map((it) => ` ${it}`);
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      steps.push(` ${a[i]}`);
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || ((longest[i + 1] as Uint32Array)[j] as number) >= ((longest[i] as Uint32Array)[j + 1] as number))) {
      steps.push(`-${a[i]}`);
      i += 1;
    } else {
      steps.push(`+${b[j]}`);
      j += 1;
    }
  }
  return [...steps, ...was.slice(was.length - tail).map((it) => ` ${it}`)];
}
