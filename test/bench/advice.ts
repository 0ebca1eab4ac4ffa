import { advise } from '../../src/advisor/index.ts';
import { infer } from '../../src/inference/infer.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import { RULES } from '../../src/rules/index.ts';
import { assess } from '../../src/simulator/index.ts';
import { memoryWorkspace } from '../inference/memory-workspace.ts';
import { median, processorTime, type Row } from './timing.ts';
import { sixtyEndpoints } from './sixty-endpoints.ts';

/** The first, on cold code, is left out. */
const ROUNDS = 5;
/** Until the answer has its range, and from there until every finding is told. */
const ANSWER_BUDGET_MS = 500;
const ADVICE_BUDGET_MS = 300;
const SPIKE = { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 } as const;

/** From the topology to the advice: the answer itself, then the rules with every remedy's effect, in this thread as in the editor's worker; processor time, for other programs on the machine are none of it. */
export async function benchAdvice(): Promise<Row[]> {
  const { topology } = await infer(memoryWorkspace(sixtyEndpoints()));
  const rows = [{ what: 'endpoints', value: topology.endpoints.length, unit: '' }];
  for (const [name, scenario] of [
    ['steady 1,000 req/s', { ...DEFAULT_SCENARIO, targetSetByUser: true }],
    ['spike 50 → 1,000 req/s', { ...DEFAULT_SCENARIO, targetSetByUser: true, profile: SPIKE }],
  ] as const satisfies readonly (readonly [string, Scenario])[])
    rows.push(...measured(name, topology, scenario));
  return rows;
}

function measured(name: string, topology: Parameters<typeof advise>[0], scenario: Scenario): Row[] {
  const outcome = assess(topology, scenario);
  const advice = advise(topology, scenario, outcome);
  // Each round has a topology, a scenario and an outcome of its own: what is remembered of one must not make the next round cheaper.
  const answer = () => assess({ ...topology }, { ...scenario });
  const both = () => {
    const asked = [{ ...topology }, { ...scenario }] as const;
    advise(...asked, assess(...asked));
  };
  const answerMs = median(ROUNDS, () => processorTime(answer));
  const share = (ms: number, budget: number) => `${(ms / budget).toFixed(2)} of ${budget} ms`;
  const adviceMs = median(ROUNDS, () => processorTime(() => advise(topology, scenario, { ...outcome })));
  const bothMs = median(ROUNDS, () => processorTime(both));
  const rulesMs = median(ROUNDS, () => processorTime(() => RULES.map((rule) => rule.find({ topology, scenario, outcome }))));
  const remedies = advice.findings.reduce((sum, it) => sum + it.remedies.length, 0);
  return [
    { what: `${name}: the answer`, value: answerMs, unit: 'ms', ratio: share(answerMs, ANSWER_BUDGET_MS) },
    { what: `${name}: advice`, value: adviceMs, unit: 'ms', ratio: share(adviceMs, ADVICE_BUDGET_MS) },
    { what: `${name}: answer and advice`, value: bothMs, unit: 'ms' },
    { what: `${name}: rules alone`, value: rulesMs, unit: 'ms', ratio: `${advice.findings.length} findings, ${remedies} remedies` },
  ];
}
