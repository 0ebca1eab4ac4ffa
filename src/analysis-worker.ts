import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { AnalysisReply, AnalysisRequest, WorkerData } from './analysis-protocol.ts';
import { compareWith } from './comparing.ts';
import { lookAt } from './looking.ts';
import { importInto, recipeTextOf } from './measuring.ts';
import { importText } from './measurements/import-text.ts';
import { loadScriptOf } from './measurements/load-script.ts';
import { readyForSaves } from './inference/infer.ts';
import { nodeCache } from './inference/node-cache.ts';
import { type Listing, nodeWorkspace, relisted } from './inference/node-workspace.ts';
import type { Report } from './model/advice.ts';
import { analyse, editsFor, editsForChanges, judge, type Wishes, withOffers } from './pipeline.ts';
import type { Workspace } from './workspace.ts';

const port = parentPort;
if (!port) throw new Error('the analysis runs in a worker thread');

const send = (reply: AnalysisReply): void => port.postMessage(reply);
const running = new Map<number, AbortController>();
const stopped = (workerData as WorkerData | null)?.stopped;
const caches = new Map<string, ReturnType<typeof nodeCache>>();
type Trials = NonNullable<Wishes['trials']>;
const trials = new Map<string, Trials>();
const listings = new Map<string, { id: number; listing?: Listing }>();
let last: { workspace: Workspace; cache: ReturnType<typeof nodeCache>; report: Report } | null = null;

port.on('message', (request: AnalysisRequest) => {
  answer(request)
    .catch((error: unknown) => {
      if (running.get(request.id)?.signal.aborted) send({ kind: 'cancelled', id: request.id });
      else send({ kind: 'failed', id: request.id, why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    })
    .finally(() => running.delete(request.id));
});

async function answer(request: AnalysisRequest): Promise<void> {
  switch (request.kind) {
    case 'cancel':
      running.get(request.id)?.abort();
      return;
    case 'analyse': {
      const abort = new AbortController();
      running.set(request.id, abort);
      const workspace = nodeWorkspace(request.root);
      const listing = await listingOf(request);
      const cache = cacheOf(request.cacheFolder, request.root);
      const report = await analyse(
        { ...workspace, list: async () => listing },
        {
          scenario: request.scenario,
          cache,
          trials: trialsIn(request.root),
          signal: abort.signal,
          meanwhile: stoppable(request.id, abort),
          onProgress: atTimes((done, total) => send({ kind: 'progress', id: request.id, done, total })),
          onPreview: (report) => {
            // Of a first reading that is cancelled this much stays in sight, and is asked about.
            last ??= { workspace, cache, report };
            send({ kind: 'preview', id: request.id, report });
          },
          ...(request.deployment !== null && { deployment: request.deployment }),
        },
      );
      last = { workspace, cache, report };
      send({ kind: 'report', id: request.id, report });
      cache.write();
      readyForSaves(cache);
      return request.changed === null ? undefined : confirm(request, listing);
    }
    case 'judge': {
      if (!last) return send({ kind: 'failed', id: request.id, why: 'nothing has been analysed yet' });
      const abort = new AbortController();
      running.set(request.id, abort);
      // Meanwhile another analysis may have taken its place.
      const { workspace, report: of } = last;
      const { measured, read } = of;
      const judged = judge(of.topology, { ...of.scenario, ...request.scenario }, undefined, stoppable(request.id, abort));
      const report: Report = { ...(await withOffers(judged, workspace, trialsIn(workspace.root))), ...(measured && { measured }), read };
      if (last.report === of) last = { ...last, report };
      return send({ kind: 'report', id: request.id, report });
    }
    case 'import': {
      if (!last) return send({ kind: 'failed', id: request.id, why: 'nothing has been analysed yet' });
      const active = last.report.topology.deployments.find((it) => it.active);
      const imported = await importInto(last.workspace, request.files, { scenario: last.report.scenario, ...(active && { deployment: active.id }) });
      const unmatched = imported.files.reduce((sum, it) => sum + ('problem' in it ? 1 : it.unmatched.length), 0);
      const { edits, measurements, cannot } = imported;
      return send({
        kind: 'imported',
        id: request.id,
        edits,
        values: measurements.length + imported.loadTests.length,
        unmatched,
        text: importText(imported, edits.length > 0),
        cannot,
      });
    }
    case 'recipe': {
      if (!last) return send({ kind: 'failed', id: request.id, why: 'nothing has been analysed yet' });
      return send({ kind: 'recipe', id: request.id, text: await recipeTextOf(request.input, last.workspace, last.report.topology, last.report.outcome) });
    }
    case 'loadScript': {
      if (!last) return send({ kind: 'failed', id: request.id, why: 'nothing has been analysed yet' });
      const made = loadScriptOf(last.report.topology, last.report.scenario, last.report.outcome);
      return send({ kind: 'loadScript', id: request.id, ...('cannot' in made ? { text: '', cannot: made.cannot } : { text: made.text, cannot: null }) });
    }
    case 'compare': {
      if (!last) return send({ kind: 'failed', id: request.id, why: 'nothing has been analysed yet' });
      return send({ kind: 'compared', id: request.id, text: await compareWith(last.workspace, new Map(request.files), last.report, last.cache) });
    }
    case 'look': {
      const { root, scenario, name, left, id } = request;
      return send({ kind: 'looked', id, ...(await lookAt(nodeWorkspace(root), name, scenario, left)) });
    }
    case 'edits':
    case 'editsForChanges': {
      if (!last) return send({ kind: 'failed', id: request.id, why: 'nothing has been analysed yet' });
      const { workspace, report } = last;
      const made =
        request.kind === 'edits' ? await editsFor(request.calls, workspace, request.unsaved) : await editsForChanges(report.topology, request.changes, workspace, request.unsaved);
      return send({ kind: 'edits', id: request.id, ...made });
    }
  }
}

/** What became of the edits of a folder when they were last tried. */
function trialsIn(root: string): Trials {
  const known = trials.get(root) ?? new Map();
  trials.set(root, known);
  return known;
}

/** No message is heard while numbers are worked out: what was cancelled is looked up in shared memory. */
const stoppable = (id: number, abort: AbortController) => (): void => {
  if (!stopped || Atomics.load(stopped, 0) < id) return;
  abort.abort();
  abort.signal.throwIfAborted();
};

type Analysis = Extract<AnalysisRequest, { kind: 'analyse' }>;

/** What the folder holds: walked, or as it was with the files that were written since. */
async function listingOf({ root, changed, id }: Analysis): Promise<Listing> {
  const before = listings.get(root)?.listing;
  const known = before && changed ? relisted(root, before, changed) : undefined;
  // While one walks, another has nothing to start from, and only what the last one found is kept.
  listings.set(root, { id, ...(known && { listing: known }) });
  if (known) return known;
  const listing = await nodeWorkspace(root).list();
  if (listings.get(root)?.id === id) listings.set(root, { id, listing });
  return listing;
}

/** An editor does not hear of every file: after the answer there is time to look. */
async function confirm({ root, id }: Analysis, listing: Listing): Promise<void> {
  const { files } = await nodeWorkspace(root).list();
  const isSame =
    files.length === listing.files.length &&
    files.every(({ path, bytes, modifiedMs }, at) => {
      const it = listing.files[at];
      return it?.path === path && it.bytes === bytes && it.modifiedMs === modifiedMs;
    });
  if (isSame || listings.get(root)?.id !== id) return;
  listings.delete(root);
  send({ kind: 'outdated', id });
}

const PROGRESS_MS = 50;

/** Thousands of files that are known already take less time than a message for each of them. */
function atTimes(tell: (done: number, total: number) => void): (done: number, total: number) => void {
  let last = performance.now();
  return (done, total) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    tell(done, total);
  };
}

/** One cache per folder: what a save did not touch is not read again. */
function cacheOf(folder: string | null, root: string): ReturnType<typeof nodeCache> {
  const key = `${folder}\n${root}`;
  const cache = caches.get(key) ?? nodeCache(folder, root, program());
  caches.set(key, cache);
  return cache;
}

/** Which build this is: answers that another one wrote count for nothing. From source there is no bundle that tells. */
function program(): string | null {
  if (typeof __filename === 'undefined') return null;
  const { size, mtimeMs } = statSync(__filename);
  return `${size} ${mtimeMs}`;
}
