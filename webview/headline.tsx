import { answerOf } from '../src/model/answer.ts';
import type { Verdict } from '../src/model/outcome.ts';
import { activeDeployment } from '../src/model/topology.ts';
import { bestFix } from './best-fix.ts';
import { useView } from './panel-context.ts';
import { progressText } from './standing.tsx';
import { VERDICT_TEXT } from './words.ts';

/** The sentence that matters, with the deployment it was judged for and the one best fix. */
export function Headline() {
  const { state, view, dispatch, post, ask } = useView();
  const { report, outcome } = view;
  const status = state.snapshot?.status;
  const deployments = report.topology.deployments;
  const active = activeDeployment(report.topology);
  const best = bestFix(view.report);
  const problems = report.topology.problems.length;
  const showProblems = (): void => {
    dispatch({ kind: 'tab', tab: 'advice' });
    requestAnimationFrame(() => document.getElementById('problems')?.scrollIntoView({ block: 'nearest' }));
  };
  const verdict = outcome ? answerOf(view.scenario, outcome) : 'unknown';
  return (
    <header className={`headline ${verdict}`}>
      <div className="headline-top">
        <span className={`verdict ${verdict}`}>{VERDICT_TEXT[verdict]}</span>
        {state.changes.length > 0 && <span className="badge-inline">what-if: {state.changes.length === 1 ? '1 change' : `${state.changes.length} changes`}</span>}
        {problems > 0 && (
          <button type="button" className="link" onClick={showProblems}>
            {problems === 1 ? '1 file not fully read' : `${problems} places not fully read`}
          </button>
        )}
        <span className="headline-progress muted">{status?.kind === 'analysing' && progressText(status)}</span>
        <span className="muted">{state.snapshot?.workspace}</span>
        {deployments.length > 1 ? (
          <label className="deployment">
            <span className="muted">judged:</span>
            <select value={active?.id ?? ''} onChange={(event) => post({ kind: 'setDeployment', deployment: event.target.value })}>
              {deployments.map((it) => (
                <option key={it.id} value={it.id}>
                  {it.name}
                  {it.stage === 'development' ? ' (development)' : ''}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span className="deployment">
            <span className="muted">judged:</span> {active?.name ?? 'the code alone, no deployment found'}
          </span>
        )}
      </div>
      <h1>{view.headline}</h1>
      <p className="explanation">{view.explanation}</p>
      {/* Always one row: the slider below must not move while it is dragged. */}
      <p className="best-fix">{offer()}</p>
    </header>
  );

  function offer() {
    if (state.changes.length > 0) return <span className="muted">The figures are those of the what-if, not of the workspace.</span>;
    if (state.snapshot?.status.kind === 'advising') return <span className="muted">Simulating what each fix would bring…</span>;
    if (!view.isAsReported) return <span className="muted">Fixes are worked out when the load rests.</span>;
    if (!outcome || outcome.silentBecause !== null) return null;
    if (verdict === 'holds') return <span className="muted">Nothing needs fixing at this load. Limits shows what would give way first.</span>;
    if (!best)
      return (
        <span className="muted">
          {NO_FIX[verdict]} Limits shows what gives way, in order{verdict === 'unknown' && ', and what to measure'}.
        </span>
      );
    const { finding, remedy } = best;
    return (
      <>
        <span>
          <span className="muted">Best fix:</span> {remedy.title}
        </span>
        {remedy.edit && (
          <button type="button" className="primary" onClick={() => ask({ kind: 'applyRemedy', finding: finding.id, remedy: remedy.id }, remedy.title)}>
            Apply
          </button>
        )}
        {remedy.change && (
          <button type="button" onClick={() => dispatch({ kind: 'add', change: remedy.change!, says: `Trying: ${remedy.title}` })}>
            Try it
          </button>
        )}
      </>
    );
  }
}

/** Where nothing that was found helps against what the headline says. */
const NO_FIX: Record<Verdict, string> = {
  fails: 'None of the fixes found lifts this limit.',
  unknown: 'None of the fixes found settles this.',
  tight: 'It holds; none of the fixes found makes more room.',
  holds: '',
};
