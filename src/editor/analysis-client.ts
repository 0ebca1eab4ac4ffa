import { Worker } from 'node:worker_threads';
import type { AnalysisReply, AnalysisRequest, WorkerData } from '../analysis-protocol.ts';
import type { Report } from '../model/advice.ts';
import type { FileEdit } from '../model/edit.ts';

/** Distributes over the members of a union. */
type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

/** What comes before the answer. */
export interface Listener {
  progress?(done: number, total: number): void;
  /** The report before its findings are known. */
  preview?(report: Report): void;
}

interface Pending extends Listener {
  settle(reply: AnalysisReply): void;
}

export class Cancelled extends Error {}

/**
 * The analysis worker of one workspace folder. Starts with the first request; a crash (out of memory, say) rejects
 * what was under way and the next request starts a new one.
 */
export class AnalysisClient {
  #worker: Worker | null = null;
  #nextId = 1;
  readonly #pending = new Map<number, Pending>();
  readonly #stopped = new Int32Array(new SharedArrayBuffer(4));
  readonly #script: string;
  readonly #outdated: () => void;

  /** `outdated`: files have changed of which no request told. */
  constructor(script: string, outdated: () => void) {
    this.#script = script;
    this.#outdated = outdated;
  }

  async report(request: WithoutId<Extract<AnalysisRequest, { kind: 'analyse' | 'judge' }>>, listener?: Listener, signal?: AbortSignal): Promise<Report> {
    const reply = await this.#ask(request, listener, signal);
    if (reply.kind !== 'report') throw new Error(`the analysis answered ${reply.kind}`);
    return reply.report;
  }

  async edits(request: WithoutId<Extract<AnalysisRequest, { kind: 'edits' | 'editsForChanges' }>>): Promise<{ edits: readonly FileEdit[]; cannot: readonly string[] }> {
    const reply = await this.#ask(request);
    if (reply.kind !== 'edits') throw new Error(`the analysis answered ${reply.kind}`);
    return reply;
  }

  async imports(files: Extract<AnalysisRequest, { kind: 'import' }>['files']): Promise<Extract<AnalysisReply, { kind: 'imported' }>> {
    const reply = await this.#ask({ kind: 'import', files });
    if (reply.kind !== 'imported') throw new Error(`the analysis answered ${reply.kind}`);
    return reply;
  }

  /** How to measure a number, as Markdown; null where there is none of that name. */
  async recipe(input: string): Promise<string | null> {
    const reply = await this.#ask({ kind: 'recipe', input });
    if (reply.kind !== 'recipe') throw new Error(`the analysis answered ${reply.kind}`);
    return reply.text;
  }

  /** The load that the verdict is about as a k6 script. Rejects with the reason where no route takes any. */
  async loadScript(): Promise<string> {
    const reply = await this.#ask({ kind: 'loadScript' });
    if (reply.kind !== 'loadScript') throw new Error(`the analysis answered ${reply.kind}`);
    if (reply.cannot !== null) throw new Error(reply.cannot);
    return reply.text;
  }

  /** What the last report has changed against earlier texts of files, as Markdown. */
  async compare(files: Extract<AnalysisRequest, { kind: 'compare' }>['files']): Promise<string> {
    const reply = await this.#ask({ kind: 'compare', files });
    if (reply.kind !== 'compared') throw new Error(`the analysis answered ${reply.kind}`);
    return reply.text;
  }

  /** The verdict of a project beside the folder, and what it needs, as Markdown. */
  async look(request: WithoutId<Extract<AnalysisRequest, { kind: 'look' }>>): Promise<Extract<AnalysisReply, { kind: 'looked' }>> {
    const reply = await this.#ask(request);
    if (reply.kind !== 'looked') throw new Error(`the analysis answered ${reply.kind}`);
    return reply;
  }

  dispose(): void {
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #ask(request: WithoutId<AnalysisRequest>, listener?: Listener, signal?: AbortSignal): Promise<AnalysisReply> {
    const id = this.#nextId++;
    const worker = this.#started();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        Atomics.store(this.#stopped, 0, Math.max(id, Atomics.load(this.#stopped, 0)));
        worker.postMessage({ kind: 'cancel', id } satisfies AnalysisRequest);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, {
        ...listener,
        settle: (reply) => {
          signal?.removeEventListener('abort', abort);
          if (reply.kind === 'failed') reject(new Error(reply.why));
          else if (reply.kind === 'cancelled') reject(new Cancelled('cancelled'));
          else resolve(reply);
        },
      });
      worker.postMessage({ ...request, id });
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#script, {
      workerData: { stopped: this.#stopped } satisfies WorkerData,
      // A first reading makes much that is soon of no more use: with room for it, less time goes into collecting it (of 5,000 files a tenth of all, from 64 MB on, for 70 MB more).
      resourceLimits: { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 128 },
      stdout: true,
      stderr: true,
    });
    worker.on('message', (reply: AnalysisReply) => {
      if (reply.kind === 'outdated') return this.#outdated();
      const pending = this.#pending.get(reply.id);
      if (reply.kind === 'progress') return pending?.progress?.(reply.done, reply.total);
      if (reply.kind === 'preview') return pending?.preview?.(reply.report);
      this.#pending.delete(reply.id);
      pending?.settle(reply);
    });
    const lost = (why: string): void => {
      if (this.#worker === worker) this.#worker = null;
      for (const [id, pending] of [...this.#pending]) {
        this.#pending.delete(id);
        pending.settle({ kind: 'failed', id, why });
      }
    };
    worker.on('error', (error) => lost(`the analysis stopped: ${error.message}`));
    worker.on('exit', () => lost('the analysis stopped'));
    this.#worker = worker;
    return worker;
  }
}
