import type { ModuleSyntax } from '../../../code/syntax.ts';
import { UNKNOWN } from '../../../code/values.ts';
import type { LibraryDetector } from '../../../detector.ts';
import { LIBRARIES } from '../index.ts';
import { constructIn } from './constructs.ts';

const KNOWN = new Set(LIBRARIES.flatMap((it) => it.packages));

/** Constructs of packages that nothing here reads: what they deploy is named as missing. Anything else of these packages is of no interest. */
export function unreadConstructs(
  modules: ReadonlyMap<string, ModuleSyntax>,
  resolve: (from: string, specifier: string) => { file: string } | { package: string; path: readonly string[] } | null,
): LibraryDetector {
  const packages = new Set<string>();
  for (const { file, imports } of modules.values())
    for (const specifier of imports) {
      const target = resolve(file, specifier);
      if (target && 'package' in target && !KNOWN.has(target.package)) packages.add(target.package);
    }
  return {
    id: 'unread-constructs',
    packages: [...packages],
    call(it, run) {
      if (!it.isNew || !constructIn(it.args[0])) return undefined;
      run.claim({ kind: 'unread', package: it.package, place: it.place });
      return UNKNOWN;
    },
  };
}
