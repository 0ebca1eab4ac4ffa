import { flow, percent } from '../src/model/amounts.ts';
import { useState } from 'react';
import { ratesOfDay, type Scenario } from '../src/model/scenario.ts';
import { NumberBox } from './number-box.tsx';
import { useView } from './panel-context.ts';
import { numberOrNull } from './words.ts';

/** The slider runs over five decades; a hundred steps each. */
const STEPS_PER_DECADE = 100;
const HIGHEST = 100_000;

export const rateAt = (position: number): number => Math.min(HIGHEST, Math.max(1, Number((10 ** (position / STEPS_PER_DECADE)).toPrecision(position < STEPS_PER_DECADE ? 2 : 3))));
export const positionOf = (perSecond: number): number => Math.round(Math.log10(Math.min(HIGHEST, Math.max(1, perSecond))) * STEPS_PER_DECADE);

const DAYS = [
  { perDay: 10_000, label: '10k a day' },
  { perDay: 1_000_000, label: '1M a day' },
  { perDay: 10_000_000, label: '10M a day' },
];
/** Between 2 and 10 have been seen. */
const PEAK_FACTOR = 4;
const SPIKE = { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 } as const;

/** The question: how many requests a second, steady or in a spike, and what counts as working. */
export function LoadControl() {
  const { view, dispatch } = useView();
  const { scenario } = view;
  // How far a day's peak stands above its average; it belongs to the presets and to nothing else.
  const [peakFactor, setPeakFactor] = useState(PEAK_FACTOR);
  const set = (change: Partial<Scenario>): void => dispatch({ kind: 'scenario', scenario: { ...scenario, ...change, targetSetByUser: true } });
  const setTarget = (targetPerSecond: number): void =>
    set({ targetPerSecond, ...(scenario.profile.kind === 'spike' && { profile: { ...scenario.profile, peakPerSecond: targetPerSecond } }) });
  const isSpike = scenario.profile.kind === 'spike';
  const peakOf = (perDay: number, factor = peakFactor): number => Number(ratesOfDay(perDay, factor).peakPerSecond.toPrecision(3));
  const day = isSpike ? undefined : DAYS.find((it) => Math.abs(scenario.targetPerSecond / peakOf(it.perDay) - 1) < 0.02);
  // The load is that of a day: it goes with its peak.
  const setFactor = (factor: number): void => {
    setPeakFactor(factor);
    if (day) set({ targetPerSecond: peakOf(day.perDay, factor) });
  };
  return (
    <section className="load" aria-label="Load">
      <div className="load-row">
        <label className="load-slider">
          <span>{isSpike ? 'Peak' : 'Load'}</span>
          <input
            type="range"
            min={0}
            max={positionOf(HIGHEST)}
            value={positionOf(scenario.targetPerSecond)}
            aria-valuetext={flow(scenario.targetPerSecond)}
            onChange={(event) => setTarget(rateAt(Number(event.target.value)))}
          />
        </label>
        <span className="load-box">
          <NumberBox value={scenario.targetPerSecond} min={0.1} max={1_000_000} label="Requests per second" onSet={setTarget} />
          <span>req/s</span>
          {!scenario.targetSetByUser && (
            <span className="muted" title="Nobody has named a load for this workspace yet. Moving the slider does, and so does “Faultline: Set Target Load”.">
              assumed
            </span>
          )}
        </span>
        <div className="presets">
          {DAYS.map(({ perDay, label }) => {
            const { averagePerSecond, peakPerSecond } = ratesOfDay(perDay, peakFactor);
            return (
              <button
                type="button"
                key={perDay}
                title={`Average ${flow(averagePerSecond)}; peak ${flow(peakPerSecond)}, ${peakFactor} times the average${peakFactor === PEAK_FACTOR ? ' (assumed, 2 to 10)' : ''}`}
                aria-pressed={day?.perDay === perDay}
                onClick={() => set({ targetPerSecond: peakOf(perDay), profile: { kind: 'steady' } })}
              >
                {label}
              </button>
            );
          })}
          <button
            type="button"
            aria-pressed={isSpike}
            title="From 50 to 1,000 requests a second for 60 seconds"
            onClick={() => set(isSpike ? { profile: { kind: 'steady' } } : { targetPerSecond: SPIKE.peakPerSecond, profile: SPIKE })}
          >
            Spike 50→1,000
          </button>
        </div>
      </div>
      <details className="load-more">
        <summary>{summaryOf(scenario, isSpike)}</summary>
        <div className="fields">
          {scenario.profile.kind === 'spike' && (
            <>
              <Field label="Base, req/s">
                <NumberBox
                  value={scenario.profile.basePerSecond}
                  min={0.1}
                  label="Base requests per second"
                  onSet={(basePerSecond) => scenario.profile.kind === 'spike' && set({ profile: { ...scenario.profile, basePerSecond } })}
                />
              </Field>
              <Field label="Spike, s">
                <NumberBox
                  value={scenario.profile.seconds}
                  min={1}
                  max={600}
                  label="Seconds of the spike"
                  onSet={(seconds) => scenario.profile.kind === 'spike' && set({ profile: { ...scenario.profile, seconds } })}
                />
              </Field>
            </>
          )}
          <Field label="A day’s peak, × its average">
            <NumberBox value={peakFactor} min={1} max={100} label="A day’s peak, times its average" onSet={setFactor} />
          </Field>
          <Field label="p95 at most, ms">
            <NumberBox
              value={scenario.objective.p95Ms}
              min={1}
              placeholder="assumed"
              label="p95 at most, milliseconds"
              onSet={(p95Ms) => set({ objective: { ...scenario.objective, p95Ms } })}
            />
          </Field>
          <Field label="Errors at most, %">
            <NumberBox
              value={numberOrNull(scenario.objective.errorShare, 100)}
              max={100}
              placeholder="1"
              label="Errors at most, percent"
              onSet={(percent) => set({ objective: { ...scenario.objective, errorShare: percent / 100 } })}
            />
          </Field>
          <Field label="Message age at most, s">
            <NumberBox
              value={scenario.objective.messageAgeSeconds}
              placeholder="60"
              label="Message age at most, seconds"
              onSet={(messageAgeSeconds) => set({ objective: { ...scenario.objective, messageAgeSeconds } })}
            />
          </Field>
        </div>
        <Mix onSet={(mix) => set({ mix })} />
      </details>
    </section>
  );
}

function Field({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="field">
      <span>{label}</span>
      {children}
    </div>
  );
}

function Mix({ onSet }: { onSet(mix: Scenario['mix']): void }) {
  const { view } = useView();
  const entries = view.topology.endpoints.filter((it) => it.external && it.trigger.kind === 'http' && it.role !== 'excluded');
  const offered = new Map(view.outcome?.endpoints.map((it) => [it.id, it.offeredPerSecond]) ?? []);
  const total = entries.reduce((sum, it) => sum + (offered.get(it.id) ?? 0), 0);
  if (entries.length === 0 || total === 0) return null;
  const weights = Object.fromEntries(entries.map((it) => [it.id, ((offered.get(it.id) ?? 0) / total) * 100]));
  return (
    <table className="figures">
      <caption>
        Traffic mix, {view.scenario.mix ? 'set' : 'assumed: reads 80% (50 to 95%), among them all routes alike'}
        {view.scenario.mix && (
          <button type="button" onClick={() => onSet(null)}>
            Back to the assumed mix
          </button>
        )}
      </caption>
      <thead>
        <tr>
          <th scope="col">Endpoint</th>
          <th scope="col">Weight, %</th>
          <th scope="col">Errors</th>
          <th scope="col">p95</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((it) => {
          const outcome = view.outcome?.endpoints.find((o) => o.id === it.id);
          return (
            <tr key={it.id}>
              <th scope="row">{it.id}</th>
              <td>
                <NumberBox value={weights[it.id] ?? 0} label={`Weight of ${it.id}, percent`} onSet={(weight) => onSet({ ...weights, [it.id]: weight })} />
              </td>
              <td>{outcome ? percent(outcome.errorShare) : '?'}</td>
              <td>{outcome?.latencyMs ? `${Math.round(outcome.latencyMs.p95)} ms` : 'grows'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function summaryOf(scenario: Scenario, isSpike: boolean): string {
  const { p95Ms, errorShare, messageAgeSeconds } = scenario.objective;
  const load =
    isSpike && scenario.profile.kind === 'spike' ? `${flow(scenario.profile.basePerSecond)} → ${flow(scenario.profile.peakPerSecond)} for ${scenario.profile.seconds} s` : 'steady';
  const objective = p95Ms === null && errorShare === null && messageAgeSeconds === null ? 'objective assumed' : `p95 ≤ ${p95Ms ?? 'assumed '} ms`;
  return `${load} · ${objective} · ${scenario.mix ? 'mix set' : 'mix assumed (reads 80%)'}`;
}
