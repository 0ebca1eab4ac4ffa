import { applyEdits, type FileEdit, type TextEdit } from '../model/edit.ts';
import type { RecipeCall } from '../model/weakness.ts';
import type { Workspace } from '../workspace.ts';
import addIndex from './add-index.ts';
import addPgbouncer from './add-pgbouncer.ts';
import addReadReplica from './add-read-replica.ts';
import askOnce from './ask-once.ts';
import awaitAsync from './await-async.ts';
import boundCollection from './bound-collection.ts';
import doOnce from './do-once.ts';
import enqueueCall from './enqueue-call.ts';
import extractWorker from './extract-worker.ts';
import insertCache from './insert-cache.ts';
import insertQueue from './insert-queue.ts';
import keepClient from './keep-client.ts';
import loadOnce from './load-once.ts';
import limitRows from './limit-rows.ts';
import { difference } from './manifest.ts';
import nativeBcrypt from './native-bcrypt.ts';
import { Cannot, type Recipe } from './recipe.ts';
import setAcquireTimeout from './set-acquire-timeout.ts';
import setCacheControl from './set-cache-control.ts';
import setJobAttempts from './set-job-attempts.ts';
import setLockTtl from './set-lock-ttl.ts';
import setPoolMax from './set-pool-max.ts';
import setQueueLimit from './set-queue-limit.ts';
import setReplicas from './set-replicas.ts';
import setWorkerConcurrency from './set-worker-concurrency.ts';
import suppressFinding from './suppress-finding.ts';
import useHeldConnection from './use-held-connection.ts';

export const RECIPES: readonly Recipe[] = [
  setPoolMax,
  setAcquireTimeout,
  setQueueLimit,
  setReplicas,
  setWorkerConcurrency,
  setJobAttempts,
  setLockTtl,
  setCacheControl,
  useHeldConnection,
  boundCollection,
  extractWorker,
  addIndex,
  addPgbouncer,
  addReadReplica,
  insertQueue,
  enqueueCall,
  insertCache,
  keepClient,
  loadOnce,
  doOnce,
  askOnce,
  limitRows,
  awaitAsync,
  nativeBcrypt,
  suppressFinding,
];

/**
 * The edits that a recipe wants made; nothing is applied.
 * `cannot` gives the reason wherever the shape at the place is not certain, also when the edit has been made already.
 */
export async function makeEdits(call: RecipeCall, workspace: Workspace): Promise<{ edits: FileEdit[] } | { cannot: string }> {
  const { also, ...own } = call;
  if (also && also.length > 0) {
    const made = await makeAllEdits([own, ...also], workspace);
    return made.cannot.length > 0 ? { cannot: made.cannot.join('; ') } : { edits: made.edits };
  }
  const recipe = RECIPES.find((it) => it.id === call.recipe);
  if (!recipe) return { cannot: `there is no recipe ${call.recipe}` };
  try {
    return await recipe.make(call.args, workspace);
  } catch (error) {
    if (error instanceof Cannot) return { cannot: error.message };
    throw error;
  }
}

/** Arguments that are a line of a file. */
const LINES = [
  ['file', 'line'],
  ['writeFile', 'writeLine'],
  ['heldFile', 'heldLine'],
] as const;

/**
 * The edits of several calls together, each file once: a later call sees what an earlier one has done.
 * Lines of the calls are those of the workspace as it is; they are followed through the edits made so far.
 */
export async function makeAllEdits(calls: readonly RecipeCall[], workspace: Workspace): Promise<{ edits: FileEdit[]; cannot: string[] }> {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  const moves = new Map<string, (readonly TextEdit[])[]>();
  const cannot: string[] = [];
  const layered: Workspace = {
    root: workspace.root,
    list: async () => {
      const { files, problems } = await workspace.list();
      const known = new Set(files.map((it) => it.path));
      const added = [...after].filter(([path]) => !known.has(path)).map(([path, text]) => ({ path, bytes: text.length, modifiedMs: 0 }));
      return { files: [...files, ...added].sort((a, b) => (a.path < b.path ? -1 : 1)), problems };
    },
    read: async (path) => {
      const text = after.get(path);
      return text === undefined ? workspace.read(path) : { text };
    },
  };
  const asItIsNow = (call: RecipeCall): RecipeCall => {
    const args = { ...call.args };
    for (const [file, line] of LINES) {
      const [at, was] = [args[file], args[line]];
      const old = typeof at === 'string' ? before.get(at) : undefined;
      if (old !== undefined && typeof was === 'number') args[line] = lineNow(old, was, moves.get(String(at)) ?? []);
    }
    return { ...call, args, ...(call.also && { also: call.also.map(asItIsNow) }) };
  };
  for (const call of calls) {
    const made = await makeEdits(asItIsNow(call), layered);
    if ('cannot' in made) {
      cannot.push(made.cannot);
      continue;
    }
    for (const it of made.edits) {
      if (it.kind === 'change' && !after.has(it.file)) before.set(it.file, it.before);
      if (it.kind === 'change') moves.set(it.file, [...(moves.get(it.file) ?? []), it.edits]);
      after.set(it.file, it.kind === 'create' ? it.text : applyEdits(it.before, it.edits));
    }
  }
  const edits = [...after].map(([file, text]): FileEdit => {
    const old = before.get(file);
    return old === undefined ? { kind: 'create', file, text } : { kind: 'change', file, before: old, edits: [difference(old, text)] };
  });
  return { edits, cannot };
}

/** Where a line of the old text stands after some rounds of edits, found by its first character that is no white space. */
function lineNow(text: string, line: number, rounds: readonly (readonly TextEdit[])[]): number {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0) + (/\S/.exec(lines[line - 1] ?? '')?.index ?? 0);
  let offset = start;
  let now = text;
  for (const edits of rounds) {
    const from = offset;
    offset = edits.reduce((at, it) => (it.end <= from ? at + it.newText.length - (it.end - it.start) : it.start < from ? at - (from - it.start) : at), from);
    now = applyEdits(now, edits);
  }
  return now.slice(0, offset).split('\n').length;
}
