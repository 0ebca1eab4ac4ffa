import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take seconds though they are short, the longest first. */
const LONG = ['webview-harness/panel', 'cli/cli', 'theory/theory', 'cli/import', 'cli/canary', 'cli/simulate', 'scaffold/real', 'advisor/remedies', 'theory/breaking'];

/** Where nothing is known of earlier runs Vitest begins with the largest files; the last file to begin would then be one for which all other processes wait. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((it) => moduleId.endsWith(`/${it}.test.ts`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
