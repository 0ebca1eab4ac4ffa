import { useCallback, useEffect, useRef, useState } from 'react';
import type { Marginal, Metastability, Waits } from '../src/model/replies.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { Topology } from '../src/model/topology.ts';
import type { Answers } from './answers.ts';
import type { News } from './study.ts';
import { REST_MS, useStable, type View } from './view.ts';

/** What was worked out after the answer that is shown; what belongs to another load or another topology is not in it. */
export interface Studies {
  /** What one more of anything brings, what helps most first; null while it is not known. */
  gains: readonly Marginal[] | null;
  /** Undefined while it is being played; null where nothing takes load. */
  waits: Waits | null | undefined;
  /** How much of the waits has been played; null while nothing is. */
  share: number | null;
  /** Undefined until somebody asks. */
  outage: { share: number } | { failed: string } | { found: Metastability | null } | undefined;
  playOutage(): void;
  stopOutage(): void;
}

type Known = Pick<Studies, 'gains' | 'waits' | 'share' | 'outage'>;
const NOTHING: Known = { gains: null, waits: undefined, share: null, outage: undefined };

/** Asks for what the answer leaves open once it stands, and again when load or topology have changed. */
export function useStudies(view: View | null, answers: Answers): Studies {
  const topology = useStable(view?.topology ?? null);
  const scenario = view?.scenario ?? null;
  const isReady = view !== null && !view.isDraft && view.outcome !== null && view.outcome.silentBecause === null;
  const [kept, setKept] = useState<Known & { topology: Topology | null; scenario: Scenario | null }>({ ...NOTHING, topology: null, scenario: null });
  const stop = useRef<(() => void) | null>(null);

  const tell = useCallback(
    (known: Partial<Known>): void => setKept((before) => ({ ...(before.topology === topology && before.scenario === scenario ? before : NOTHING), ...known, topology, scenario })),
    [topology, scenario],
  );

  useEffect(() => {
    if (!isReady || !topology || !scenario) return;
    let end: (() => void) | null = null;
    const timer = setTimeout(() => {
      tell({ share: 0 });
      end = answers.study('why', topology, scenario, (news: News) => {
        if (news.kind === 'gains') tell({ gains: news.gains });
        else if (news.kind === 'waits') tell({ waits: news.waits, share: null });
        else if (news.kind === 'progress') tell({ share: news.share });
        else if (news.kind === 'failed') tell({ share: null, waits: null });
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      end?.();
    };
  }, [answers, topology, scenario, isReady, tell]);

  const stopOutage = useCallback(() => {
    stop.current?.();
    stop.current = null;
    tell({ outage: undefined });
  }, [tell]);
  const playOutage = useCallback(() => {
    if (!topology || !scenario) return;
    stop.current?.();
    tell({ outage: { share: 0 } });
    stop.current = answers.study('outage', topology, scenario, (news) => {
      if (news.kind === 'progress') tell({ outage: { share: news.share } });
      else if (news.kind === 'outage') tell({ outage: { found: news.outage } });
      else if (news.kind === 'failed') tell({ outage: { failed: news.why } });
    });
  }, [answers, topology, scenario, tell]);
  // What is played for another question is of no use any more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question is what ends it
  useEffect(
    () => () => {
      stop.current?.();
      stop.current = null;
    },
    [topology, scenario],
  );

  const known = kept.topology === topology && kept.scenario === scenario ? kept : NOTHING;
  return { gains: known.gains, waits: known.waits, share: known.share, outage: known.outage, playOutage, stopOutage };
}
