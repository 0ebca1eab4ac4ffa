import type { Refusal } from '../model/edit.ts';
import type { RecipeCall } from '../model/weakness.ts';
import type { Workspace } from '../workspace.ts';
import { makeEdits, RECIPES } from './index.ts';

type Read = Awaited<ReturnType<Workspace['read']>>;
type Listed = Awaited<ReturnType<Workspace['list']>>;

/** What became of a call when it was last made, and what it looked at: as long as that is the same, so is its end. */
interface Tried {
  cannot: string | null;
  reads: ReadonlyMap<string, Read>;
  /** Paths that it looked through; null where it asked for none. */
  paths: readonly string[] | null;
}

/** What calls came to, by their arguments; kept from one analysis to the next. */
export type Trials = Map<string, Tried>;

const keyOf = (call: RecipeCall): string => JSON.stringify(call);

/** Makes every call and throws the edits away: of those that can't be made, why, and what to do instead. `trials` is brought up to date, and holds nothing else afterwards. */
export async function refusalsOf(calls: readonly RecipeCall[], workspace: Workspace, trials: Trials = new Map()): Promise<(call: RecipeCall) => Refusal | undefined> {
  const texts = new Map<string, Promise<Read>>();
  const read = (path: string): Promise<Read> => {
    const before = texts.get(path) ?? workspace.read(path);
    texts.set(path, before);
    return before;
  };
  // Most edits ask for no more than a few files: a slider that rests has no folder looked through for them.
  let listing: Promise<Listed> | undefined;
  const list = (): Promise<Listed> => (listing ??= workspace.list());
  const asked = new Set(calls.map(keyOf));
  for (const key of trials.keys()) if (!asked.has(key)) trials.delete(key);
  for (const call of calls) {
    const before = trials.get(keyOf(call));
    if (before && (await isAsItWas(before, list, read))) continue;
    trials.set(keyOf(call), await tried(call, workspace.root, list, read));
  }
  return (call) => {
    const why = trials.get(keyOf(call))?.cannot ?? undefined;
    return why === undefined ? undefined : { why, byHand: RECIPES.find((it) => it.id === call.recipe)?.byHand(call.args) ?? '' };
  };
}

async function tried(call: RecipeCall, root: string, list: () => Promise<Listed>, read: (path: string) => Promise<Read>): Promise<Tried> {
  const reads = new Map<string, Read>();
  let listed: Listed | null = null;
  const made = await makeEdits(call, {
    root,
    list: async () => {
      listed = await list();
      return listed;
    },
    read: async (path) => {
      const found = await read(path);
      reads.set(path, found);
      return found;
    },
  });
  return { cannot: 'cannot' in made ? made.cannot : null, reads, paths: listed && pathsOf(listed) };
}

const pathsOf = ({ files }: Listed): readonly string[] => files.map((it) => it.path);

async function isAsItWas({ reads, paths: before }: Tried, list: () => Promise<Listed>, read: (path: string) => Promise<Read>): Promise<boolean> {
  if (before) {
    const paths = pathsOf(await list());
    if (before.length !== paths.length || before.some((it, at) => it !== paths[at])) return false;
  }
  for (const [path, was] of reads) {
    const is = await read(path);
    if (('text' in was ? was.text : null) !== ('text' in is ? is.text : null)) return false;
  }
  return true;
}
