import type { Outcome } from '../src/model/outcome.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { Topology } from '../src/model/topology.ts';
import { fullOutcome } from './simulation.ts';
import { carryOut, type News, type Study } from './study.ts';

type Question =
  | { kind: 'full'; id: number; topology: Topology; scenario: Scenario }
  | { kind: 'study'; id: number; study: Study; topology: Topology; scenario: Scenario }
  | { kind: 'stop'; id: number };
type Answer = { kind: 'full'; id: number; outcome: Outcome | null } | { kind: 'news'; id: number; news: News };

/** True in the worker that `createAnswers` starts from the panel's own bundle. */
export const isWorker = typeof document === 'undefined';

/** The worker's side. A study pauses between its slices, so that a question or a stop that comes meanwhile is heard at once. */
export function serveAnswers(): void {
  const running = new Map<number, { aborted: boolean }>();
  const post = (answer: Answer): void => self.postMessage(answer);
  self.onmessage = ({ data }: MessageEvent<Question>) => {
    if (data.kind === 'full') post({ kind: 'full', id: data.id, outcome: fullOutcome(data.topology, data.scenario) });
    else if (data.kind === 'stop') {
      const signal = running.get(data.id);
      if (signal) signal.aborted = true;
    } else {
      const { id, study, topology, scenario } = data;
      const signal = { aborted: false };
      running.set(id, signal);
      void carryOut(study, topology, scenario, signal, (news) => post({ kind: 'news', id, news })).then(() => running.delete(id));
    }
  };
}

/** What the panel asks beyond a frame. */
export interface Answers {
  /** The full answer; null where the simulator refuses. */
  full(topology: Topology, scenario: Scenario): Promise<Outcome | null>;
  /** Carries a study out; `hear` gets each part as it is ready. Returns what stops it: nothing is heard afterwards. */
  study(study: Study, topology: Topology, scenario: Scenario, hear: (news: News) => void): () => void;
}

/** Answers that are worked out beside the page so that it never stands still; where no worker can be had, on the page itself. */
export function createAnswers(script: string | null): Answers {
  const waiting = new Map<number, (outcome: Outcome | null) => void>();
  const listening = new Map<number, (news: News) => void>();
  let lastId = 0;
  const worker =
    script === null
      ? Promise.resolve(null)
      : startWorker(script, (answer) => {
          if (answer.kind === 'news') {
            listening.get(answer.id)?.(answer.news);
            return;
          }
          waiting.get(answer.id)?.(answer.outcome);
          waiting.delete(answer.id);
        });
  return {
    full: async (topology, scenario) => {
      const other = await worker;
      if (!other) return fullOutcome(topology, scenario);
      return new Promise((resolve) => {
        const id = ++lastId;
        waiting.set(id, resolve);
        other.postMessage({ kind: 'full', id, topology, scenario } satisfies Question);
      });
    },
    study: (study, topology, scenario, hear) => {
      const id = ++lastId;
      const signal = { aborted: false };
      listening.set(id, hear);
      void worker.then((other) => {
        if (signal.aborted) return;
        if (other) other.postMessage({ kind: 'study', id, study, topology, scenario } satisfies Question);
        else void carryOut(study, topology, scenario, signal, (news) => listening.get(id)?.(news));
      });
      return () => {
        signal.aborted = true;
        listening.delete(id);
        void worker.then((other) => other?.postMessage({ kind: 'stop', id } satisfies Question));
      };
    },
  };
}

/** A webview may start workers only from blobs, so the script is read first. Null where the editor allows neither. */
async function startWorker(script: string, hear: (answer: Answer) => void): Promise<Worker | null> {
  try {
    const response = await fetch(script);
    if (!response.ok) return null;
    const url = URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => hear(data);
    return worker;
  } catch {
    return null;
  }
}
