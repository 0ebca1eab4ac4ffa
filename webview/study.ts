import type { Marginal, Metastability, Waits } from '../src/model/replies.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { Topology } from '../src/model/topology.ts';
import { inTime, marginalInSlices, metastabilityInSlices, waitsInSlices } from '../src/simulator/index.ts';

/** What is worked out after an answer: `why`, what one more of anything brings and what responses wait for; `outage`, what follows ten seconds without service. */
export type Study = 'why' | 'outage';

export type News =
  | { kind: 'gains'; gains: readonly Marginal[] }
  | { kind: 'waits'; waits: Waits | null }
  | { kind: 'outage'; outage: Metastability | null }
  /** Share of what is being played. */
  | { kind: 'progress'; share: number }
  | { kind: 'failed'; why: string }
  | { kind: 'done' };

/** Works this long before anybody else gets a turn. */
const TURN_MS = 12;

/** Carries a study out in slices and tells each part as it is ready; says nothing more once the signal is aborted. Never rejects. */
export async function carryOut(study: Study, topology: Topology, scenario: Scenario, signal: { readonly aborted: boolean }, tell: (news: News) => void): Promise<void> {
  const say = (news: News): void => {
    if (!signal.aborted) tell(news);
  };
  let turnEnds = performance.now() + TURN_MS;
  const quietly = {
    signal,
    pause: async () => {
      if (performance.now() < turnEnds) return;
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    },
  };
  const watch = { ...quietly, onProgress: throttled((share) => say({ kind: 'progress', share })) };
  try {
    if (study === 'why') {
      // Not at once: a stop that was sent with the question shall be heard.
      await nextTurn();
      const gains = await inTime(marginalInSlices(topology, scenario), quietly);
      if (gains) say({ kind: 'gains', gains });
      say({ kind: 'waits', waits: await inTime(waitsInSlices(topology, scenario), watch) });
    } else say({ kind: 'outage', outage: await inTime(metastabilityInSlices(topology, scenario), watch) });
    say({ kind: 'done' });
  } catch (error) {
    say({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
  }
}

/** Through a channel: timers wait four milliseconds at least when they follow each other. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** Whole hundredths only: more could not be seen. */
function throttled(tell: (share: number) => void): (progress: { share: number }) => void {
  let told = -1;
  return ({ share }) => {
    const hundredth = Math.floor(share * 100);
    if (hundredth === told) return;
    told = hundredth;
    tell(share);
  };
}
