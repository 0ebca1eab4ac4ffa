import type { Finding, Remedy, Report } from '../src/model/advice.ts';
import { activeDeployment } from '../src/model/topology.ts';
import { useView } from './panel-context.ts';
import { VERDICT_TEXT } from './words.ts';

/** The sentence that matters, with the deployment it was judged for and the one best fix. */
export function Headline() {
  const { state, view, dispatch, post, ask } = useView();
  const { report, outcome } = view;
  const deployments = report.topology.deployments;
  const active = activeDeployment(report.topology);
  const best = bestFix(view.report);
  const problems = report.topology.problems.length;
  const showProblems = (): void => {
    dispatch({ kind: 'tab', tab: 'advice' });
    requestAnimationFrame(() => document.getElementById('problems')?.scrollIntoView({ block: 'nearest' }));
  };
  const verdict = outcome?.verdict ?? 'unknown';
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
        <span className="toolbar-gap" />
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
      {view.explanation && <p className="explanation">{view.explanation}</p>}
      {best && verdict !== 'holds' && view.isAsReported && (
        <p className="best-fix">
          <span className="muted">Best fix:</span> <span>{best.remedy.title}</span>
          {best.remedy.edit && (
            <button type="button" className="primary" onClick={() => ask({ kind: 'applyRemedy', finding: best.finding.id, remedy: best.remedy.id }, best.remedy.title)}>
              Apply
            </button>
          )}
          {best.remedy.change && (
            <button type="button" onClick={() => dispatch({ kind: 'add', change: best.remedy.change!, says: `Trying: ${best.remedy.title}` })}>
              Try it
            </button>
          )}
        </p>
      )}
    </header>
  );
}

/** The first fix that lifts the limit; where none does, the first at all. */
function bestFix(report: Report): { finding: Finding; remedy: Remedy } | null {
  const all = report.advice.findings.flatMap((finding) => finding.remedies.filter((it) => it.preferred && (it.edit || it.change)).map((remedy) => ({ finding, remedy })));
  const lifts = ({ remedy }: { remedy: Remedy }): boolean => (remedy.breaksAtAfter ?? 0) > (remedy.breaksAtBefore ?? 0);
  return all.find(lifts) ?? all[0] ?? null;
}
