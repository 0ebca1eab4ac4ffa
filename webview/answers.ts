import type { Outcome } from '../src/model/outcome.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { Topology } from '../src/model/topology.ts';
import { fullOutcome } from './simulation.ts';

interface Question {
  id: number;
  topology: Topology;
  scenario: Scenario;
}
interface Answer {
  id: number;
  outcome: Outcome | null;
}

/** True in the worker that `createAnswers` starts from the panel's own bundle. */
export const isWorker = typeof document === 'undefined';

/** The worker's side: one question after the other. */
export function serveAnswers(): void {
  self.onmessage = ({ data }: MessageEvent<Question>) => {
    self.postMessage({ id: data.id, outcome: fullOutcome(data.topology, data.scenario) } satisfies Answer);
  };
}

export type Answers = (topology: Topology, scenario: Scenario) => Promise<Outcome | null>;

/** The full answer, worked out beside the page so that it never stands still; where no worker can be had, on the page itself. */
export function createAnswers(script: string | null): Answers {
  const waiting = new Map<number, (outcome: Outcome | null) => void>();
  let lastId = 0;
  const worker =
    script === null
      ? Promise.resolve(null)
      : startWorker(script, ({ id, outcome }) => {
          waiting.get(id)?.(outcome);
          waiting.delete(id);
        });
  return async (topology, scenario) => {
    const other = await worker;
    if (!other) return fullOutcome(topology, scenario);
    return new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      other.postMessage({ id, topology, scenario } satisfies Question);
    });
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
