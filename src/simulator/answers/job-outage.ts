import type { Instruction, Network } from '../../model/network.ts';
import { valueIn } from '../../model/known.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { ChannelId, Topology } from '../../model/topology.ts';
import { backoffOf } from '../compile/compile-laws.ts';
import { compile } from '../compile/compile.ts';
import { simulate } from '../engine/simulate.ts';

/** Messages of a channel around an outage of what their handlers need. */
export interface JobOutage {
  /** Messages that came during the outage. */
  arrived: number;
  /** Failed for good: nobody will do them. */
  lost: number;
}

const FROM_MS = 5000;
const OUTAGE_MS = 10_000;
/** Long enough for a job that is tried five times, a second apart at first and twice as long each time. */
const SECONDS = 45;
const CALLEE = 'what the jobs need';
const CAUSE = 'what the jobs need is down';

/** Plays ten seconds in which every attempt of the channel's jobs fails; null where no load brings it messages. */
export function playJobOutage(topology: Topology, scenario: Scenario, channel: ChannelId): JobOutage | null {
  const { network } = compile(topology, { ...scenario, profile: { kind: 'steady' } });
  const jobs = network.programs.filter((it) => it.channel === channel);
  const said = topology.channels.find((it) => it.id === channel);
  if (!said || jobs.length === 0) return null;
  const lostWith = (job: JobPolicy): number => {
    const run = simulate(failing(network, jobs, job), { seconds: SECONDS, seed: scenario.seed, warmupSeconds: 0, intervals: false });
    return run.programs.filter((it) => jobs.some((one) => one.id === it.id)).reduce((sum, it) => sum + it.failed, 0);
  };
  // Under the same luck: what comes during the outage is what one attempt would lose.
  const arrived = lostWith({ attempts: 1 });
  const attempts = Math.round(valueIn(said.attempts) ?? 1);
  const backoff = backoffOf(said.backoff);
  if (arrived === 0) return null;
  return { arrived, lost: attempts <= 1 ? arrived : Math.min(arrived, lostWith({ attempts, ...(backoff && { backoff }) })) };
}

type JobPolicy = NonNullable<Network['programs'][number]['job']>;

/** The same network with an outage of what these jobs ask first. */
function failing(network: Network, jobs: Network['programs'], job: JobPolicy): Network {
  const asking: Instruction = { op: 'call', program: CALLEE };
  return {
    ...network,
    programs: [...network.programs.map((it) => (jobs.includes(it) ? { ...it, body: first(asking, it.body), job } : it)), { id: CALLEE, body: [] }],
    faults: [...(network.faults ?? []), { kind: 'lose', program: CALLEE, share: 1, cause: CAUSE, fromMs: FROM_MS, untilMs: FROM_MS + OUTAGE_MS }],
  };
}

/** A job takes its place among the workers before it asks anybody. */
function first(asking: Instruction, body: readonly Instruction[]): readonly Instruction[] {
  const [place, ...rest] = body;
  return place?.op === 'hold' && rest.length === 0 ? [{ ...place, body: [asking, ...place.body] }] : [asking, ...body];
}
