import { useEffect } from 'react';
import { flow, percent } from '../src/model/amounts.ts';
import { answerOf } from '../src/model/answer.ts';
import type { Change, Operation } from '../src/model/change.ts';
import { known } from '../src/model/known.ts';
import type { Outcome } from '../src/model/outcome.ts';
import { describeChange } from './insert.ts';
import { Lab } from './lab.tsx';
import { NumberBox } from './number-box.tsx';
import { useView } from './panel-context.ts';
import { type Manager, SHOW_SCAFFOLD, WRITE_CHANGES } from './store.ts';
import { millisText, rangeText, VERDICT_TEXT } from './words.ts';

const MANAGERS: readonly Manager[] = ['npx', 'yarn', 'pnpm'];

/** What is being tried, what it brings, and the ways to make it real. */
export function WhatIf() {
  const { state, view, dispatch, ask } = useView();
  const { changes } = state;
  return (
    <>
      {changes.length === 0 ? (
        <p>Nothing is being tried. Drag a queue, a topic or a cache onto an arrow, change a value under Inspect, or press “Try it” beside a piece of advice.</p>
      ) : (
        <>
          <ul className="changes">
            {changes.map((it) => (
              <ChangeRow key={it.id} change={it} />
            ))}
          </ul>
          {view.before && view.outcome && <Comparison before={view.before} after={view.outcome} />}
          <div className="actions">
            <button type="button" className="primary" onClick={() => ask({ kind: 'applyChanges', changes }, WRITE_CHANGES)}>
              Apply to code…
            </button>
            <button type="button" onClick={() => dispatch({ kind: 'reset' })}>
              Reset
            </button>
          </div>
          {Object.values(state.pending).includes(WRITE_CHANGES) && <p role="status">A diff shows what would be written; choose Apply or Discard at the top.</p>}
        </>
      )}
      <Scaffold />
    </>
  );
}

function ChangeRow({ change }: { change: Change }) {
  const { view, dispatch } = useView();
  const set = (operation: Operation, next: Operation): void =>
    dispatch({ kind: 'replace', change: { ...change, operations: change.operations.map((it) => (it === operation ? next : it)) } });
  return (
    <li className="change">
      <span>{describeChange(change, view.topology)}</span>
      <button type="button" className="quiet" aria-label={`Remove: ${describeChange(change, view.topology)}`} onClick={() => dispatch({ kind: 'remove', id: change.id })}>
        ✕
      </button>
      {change.operations.map((it) => {
        if (it.kind === 'insertQueue')
          return (
            <div className="field" key={it.kind}>
              <span>Jobs at once in the worker</span>
              <NumberBox
                value={it.concurrency}
                min={1}
                max={10_000}
                label="Jobs at once in the worker"
                onSet={(concurrency) => set(it, { ...it, concurrency: Math.round(concurrency) })}
              />
            </div>
          );
        if (it.kind === 'insertCache')
          return (
            <div className="field" key={it.kind}>
              <span>Hit ratio, % ({it.hitRatio.state === 'known' && it.hitRatio.basis === 'assumed' ? 'assumed, 50–95' : 'set'})</span>
              <NumberBox
                value={it.hitRatio.state === 'known' ? it.hitRatio.value * 100 : null}
                max={100}
                label="Hit ratio, percent"
                onSet={(percent) => set(it, { ...it, hitRatio: known(percent / 100, 'ratio', 'override') })}
              />
            </div>
          );
        return null;
      })}
      {change.operations.some((it) => it.kind === 'insertQueue' && it.technology === 'bullmq') && <p className="muted">BullMQ keeps its jobs in Redis, so Redis comes with it.</p>}
    </li>
  );
}

function Comparison({ before, after }: { before: Outcome; after: Outcome }) {
  const { view } = useView();
  const p95 = (it: Outcome): string => (it.latencyMs ? millisText(it.latencyMs.p95) : it.growing ? 'grows' : 'not known');
  const backlog = (it: Outcome): string => {
    const growth = it.channels.reduce((sum, channel) => sum + Math.max(0, channel.backlogGrowthPerSecond), 0);
    return growth > 0 ? `+${flow(growth)}` : 'drains';
  };
  const rows: [string, string, string][] = [
    ['Verdict', VERDICT_TEXT[answerOf(view.scenario, before)], VERDICT_TEXT[answerOf(view.scenario, after)]],
    ['Breaks at', rangeText(before.breaksAtPerSecond, before.decidedBy.length > 0), rangeText(after.breaksAtPerSecond, after.decidedBy.length > 0)],
    ['p95', p95(before), p95(after)],
    ['Answered', flow(before.goodputPerSecond), flow(after.goodputPerSecond)],
    ['Errors', percent(before.errorShare), percent(after.errorShare)],
    ...(after.channels.length > 0 ? [['Backlog', before.channels.length > 0 ? backlog(before) : 'no queue', backlog(after)] as [string, string, string]] : []),
    ...(after.spike ? [['Spike', before.spike ? (before.spike.passes ? 'Passes' : 'Fails') : '…', after.spike.passes ? 'Passes' : 'Fails'] as [string, string, string]] : []),
  ];
  return (
    <table className="figures compare">
      <caption>
        At {flow(view.scenario.targetPerSecond)}
        {view.isDraft && <span className="muted"> · ranges follow</span>}
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="hidden">Figure</span>
          </th>
          <th scope="col">Workspace</th>
          <th scope="col">What-if</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, a, b]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{a}</td>
            <td className={a === b ? '' : 'differs'}>{b}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Scaffold() {
  const { state, ask, dispatch } = useView();
  const { changes, lab, manager } = state;
  const isOwn = changes.length > 0 || Object.keys(lab).length > 0;
  const shown = isOwn ? state.scaffold : (state.scaffold ?? state.snapshot?.scaffold ?? null);
  const send = (action: 'show' | 'copy' | 'run', what: string): void => ask({ kind: 'scaffold', changes, lab, action, manager }, what);
  const isWanted = isOwn && !shown && state.scaffoldRefused === null && !Object.values(state.pending).includes(SHOW_SCAFFOLD);
  useEffect(() => {
    if (isWanted) ask({ kind: 'scaffold', changes, lab, action: 'show', manager }, SHOW_SCAFFOLD);
  }, [isWanted, ask, changes, lab, manager]);
  return (
    <section className="scaffold" aria-label="Scaffold command">
      <h2>Scaffold a project like this</h2>
      <Lab />
      <div className="actions">
        <label className="field">
          <span>With</span>
          <select value={manager} aria-label="Package manager" onChange={(event) => dispatch({ kind: 'manager', manager: event.target.value as Manager })}>
            {MANAGERS.map((it) => (
              <option key={it} value={it}>
                {it === 'npx' ? 'npx' : `${it} dlx`}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={state.scaffoldRefused !== null} onClick={() => send('copy', 'Copy the scaffold command')}>
          Copy command
        </button>
        <button
          type="button"
          disabled={!state.snapshot?.canRunScaffold || state.scaffoldRefused !== null}
          title={state.snapshot?.canRunScaffold ? 'Runs in a terminal' : 'Running commands needs a trusted workspace'}
          onClick={() => send('run', 'Run the scaffold command')}
        >
          Run in terminal
        </button>
      </div>
      {state.scaffoldRefused !== null && (
        <p className="refused" role="alert">
          {state.scaffoldRefused}
        </p>
      )}
      {shown && (
        <>
          <pre className="command">{shown[manager]}</pre>
          <p className="muted">{shown.lab} It multiplies fixed numbers; the verdict above is computed.</p>
          {shown.notExpressible.length > 0 && (
            <>
              <p className="muted">The generator cannot express:</p>
              <ul>
                {shown.notExpressible.map((it) => (
                  <li key={it}>{it}</li>
                ))}
              </ul>
            </>
          )}
          {shown.notices.map((it) => (
            <p className="muted" key={it}>
              {it}
            </p>
          ))}
        </>
      )}
    </section>
  );
}
