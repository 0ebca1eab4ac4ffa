import { ts } from 'ts-morph';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, lineAt, parse } from './source.ts';

/** Replaces the number that says how long a lock is kept, in the unit in which it is written: milliseconds or seconds. */
export default {
  id: 'set-lock-ttl',
  byHand: (args) => `let the key at ${placeIn(args)} live for ${args.toMs} ms`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const fromMs = countArg(args, 'fromMs');
    const toMs = countArg(args, 'toMs');
    const source = parse(file, await textOf(workspace, file));
    const numbers = findAll(source.tree, ts.isNumericLiteral).filter((it) => lineAt(source, it.getStart(source.tree)) === line);
    const unitOf = (it: ts.NumericLiteral): number | undefined => [1, 1000].find((unit) => Number(it.text) * unit === fromMs);
    const fitting = numbers.filter((it) => unitOf(it) !== undefined);
    const [found] = fitting;
    if (!found || fitting.length > 1) return cannot(`line ${line} of ${file} does not have exactly one number that means ${fromMs} ms`);
    const unit = unitOf(found) as number;
    const value = Math.ceil(toMs / unit);
    // Digits stay grouped where they were.
    const written = found.getText(source.tree).includes('_') ? String(value).replace(/\B(?=(\d{3})+$)/g, '_') : String(value);
    return { edits: [{ kind: 'change', file, before: source.text, edits: [{ start: found.getStart(source.tree), end: found.getEnd(), newText: written }] }] };
  },
} satisfies Recipe;
