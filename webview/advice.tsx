import { flow } from '../src/model/amounts.ts';
import type { Finding, FollowUp, Remedy } from '../src/model/advice.ts';
import { findingOf } from '../src/model/readiness.ts';
import { useView } from './panel-context.ts';
import { PlaceLink } from './place-link.tsx';
import { Problems } from './problems.tsx';
import { afterwards } from './words.ts';

const SEVERITY_TEXT = { warning: 'Warning', information: 'Note', hint: 'Hint' } as const;

/** What was found, with ways out whose effect was simulated. */
export function Advice() {
  const { state, view } = useView();
  const { findings, readiness = [], followUps = [] } = view.report.advice;
  const isAdvising = state.snapshot?.status.kind === 'advising';
  const layers = view.report.advice.layers.filter(({ rules }) => rules.some((it) => it.weak + it.sound + it.unknown > 0));
  return (
    <>
      {!view.isAsReported && state.changes.length === 0 && (
        <p className="muted">These findings are for {flow(view.report.scenario.targetPerSecond)}; new ones follow when the load rests.</p>
      )}
      {state.changes.length > 0 && <p className="muted">These findings are about the workspace as it is, without the what-if.</p>}
      {isAdvising && <p className="muted">Findings and their fixes are being simulated…</p>}
      {followUps.length > 0 && (
        <section aria-label="Follow-ups">
          <h3>Where the generated project falls short of its design</h3>
          {followUps.map((it) => (
            <FollowUpCard key={it.id} followUp={it} />
          ))}
          {findings.length > 0 && <h3>Findings</h3>}
        </section>
      )}
      {!isAdvising && findings.length === 0 && (
        <p>
          {view.outcome?.silentBecause === null ? 'Nothing to report at this load. Limits shows what would give way first.' : 'Nothing to report: no load reaches what was found.'}
        </p>
      )}
      {findings.map((it) => (
        <FindingCard key={it.id} finding={it} />
      ))}
      {readiness.length > 0 && (
        <section aria-label="Readiness">
          <h3>Readiness</h3>
          <p className="muted">Not seen in the workspace; something outside of it may do the same.</p>
          {readiness.map(findingOf).map((it) => (
            <FindingCard key={it.id} finding={it} />
          ))}
        </section>
      )}
      {layers.length > 0 && (
        <table className="figures">
          <caption>Checks by layer</caption>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Weak</th>
              <th scope="col">Sound</th>
              <th scope="col">Not known</th>
            </tr>
          </thead>
          <tbody>
            {layers.map(({ layer, rules }) => (
              <tr key={layer} title={rules.map((it) => it.title).join('\n')}>
                <th scope="row">{layer}</th>
                <td>{sum(rules, 'weak')}</td>
                <td>{sum(rules, 'sound')}</td>
                <td>{sum(rules, 'unknown')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Problems />
    </>
  );
}

const sum = (rules: readonly { weak: number; sound: number; unknown: number }[], field: 'weak' | 'sound' | 'unknown'): number => rules.reduce((total, it) => total + it[field], 0);

function FollowUpCard({ followUp }: { followUp: FollowUp }) {
  return (
    <article className="card">
      <p>{followUp.message}</p>
      <p className="card-foot">
        <PlaceLink place={followUp.place} />
      </p>
      {followUp.remedies.map((it) => (
        <RemedyRow key={it.id} finding={followUp} remedy={it} />
      ))}
    </article>
  );
}

export function FindingCard({ finding }: { finding: Finding }) {
  const { view, dispatch, post } = useView();
  return (
    <article className={`card ${finding.severity}`}>
      <p>
        <strong>{SEVERITY_TEXT[finding.severity]}:</strong> {finding.message}
      </p>
      <p className="card-foot">
        <PlaceLink place={finding.place} />
        <button type="button" className="link" onClick={() => dispatch({ kind: 'select', id: finding.component })}>
          Show {view.nameOf(finding.component)}
        </button>
        <button type="button" className="link" aria-label={`About ${finding.rule}: why, how to fix, when to ignore`} onClick={() => post({ kind: 'showRule', rule: finding.rule })}>
          {finding.rule}
        </button>
      </p>
      {(finding.related.length > 0 || finding.folded.length > 0) && (
        <details>
          <summary>
            {finding.related.length + finding.folded.length} related {finding.related.length + finding.folded.length === 1 ? 'place' : 'places'}
          </summary>
          <ul>
            {[...finding.related, ...finding.folded].map((it) => (
              <li key={`${it.place.file}:${it.place.line}:${it.message}`}>
                {it.message} <PlaceLink place={it.place} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {finding.remedies.map((it) => (
        <RemedyRow key={it.id} finding={finding} remedy={it} />
      ))}
    </article>
  );
}

function RemedyRow({ finding, remedy }: { finding: Pick<Finding, 'id' | 'remedies'>; remedy: Remedy }) {
  const { view, dispatch, ask } = useView();
  return (
    <div className="remedy">
      <span>
        {remedy.preferred && finding.remedies.length > 1 && <span className="badge-inline">preferred</span>} {remedy.title}
        {remedy.verdictAfter && <span className="muted"> · {afterwards(remedy.verdictAfter, view.report.scenario.targetPerSecond)}</span>}
        {remedy.insteadOf && <span className="muted"> · {remedy.insteadOf}</span>}
        {remedy.guidance && <span className="muted"> · {remedy.guidance}</span>}
      </span>
      <span className="remedy-actions">
        {remedy.change && (
          <button type="button" onClick={() => dispatch({ kind: 'add', change: remedy.change!, says: `Trying: ${remedy.title}` })} aria-label={`Try it: ${remedy.title}`}>
            Try it
          </button>
        )}
        {remedy.edit && (
          <button
            type="button"
            className="primary"
            onClick={() => ask({ kind: 'applyRemedy', finding: finding.id, remedy: remedy.id }, remedy.title)}
            aria-label={`Apply: ${remedy.title}`}
          >
            Apply
          </button>
        )}
      </span>
    </div>
  );
}
