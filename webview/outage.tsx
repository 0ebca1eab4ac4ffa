import { duration, rate, figure, flow } from '../src/model/amounts.ts';
import type { Metastability } from '../src/model/replies.ts';
import { useView } from './panel-context.ts';

/** What follows when nothing is served for ten seconds: whether goodput comes back by itself, how soon, and how far load would have to fall. Played when asked for. */
export function Outage() {
  const { view, studies } = useView();
  const { outage } = studies;
  if (!view.outcome || view.outcome.silentBecause) return null;
  return (
    <section aria-label="After an outage" className="outage">
      <h2>After an outage</h2>
      {outage === undefined && (
        <p>
          <button type="button" disabled={view.isDraft} onClick={studies.playOutage}>
            Play an outage of 10 s
          </button>{' '}
          <span className="muted">Does it come back by itself, and from which load? Takes some seconds.</span>
        </p>
      )}
      {outage && 'share' in outage && (
        <p className="playing" role="status">
          Playing outages… <progress max={1} value={outage.share} aria-label="Outages played" />{' '}
          <button type="button" onClick={studies.stopOutage}>
            Cancel
          </button>
        </p>
      )}
      {outage && 'failed' in outage && <p>It could not be played: {outage.failed}</p>}
      {outage && 'found' in outage && (outage.found ? <Found found={outage.found} /> : <p>Nothing takes load here.</p>)}
    </section>
  );
}

function Found({ found }: { found: Metastability }) {
  const { view, studies } = useView();
  const { recovery, recoversBelowPerSecond } = found;
  const isLower = found.perSecond < view.scenario.targetPerSecond * 0.99;
  return (
    <>
      <p role="status">
        <strong>{headlineOf(found)}</strong>
      </p>
      <dl className="facts">
        <dt>Answered before</dt>
        <dd>{flow(recovery.goodputBeforePerSecond)}</dd>
        <dt>Answered at the end</dt>
        <dd>{flow(recovery.goodputAfterPerSecond)}</dd>
        <dt>Most in flight</dt>
        <dd>{figure(recovery.peakInFlight)} requests</dd>
        {recoversBelowPerSecond !== null && (
          <>
            <dt>Comes back by itself</dt>
            <dd>{recoversBelowPerSecond === 0 ? 'from no load that was tried' : `up to ${rate(recoversBelowPerSecond, true)} req/s`}</dd>
          </>
        )}
      </dl>
      <p className="muted basis">
        Played at {rate(found.perSecond, false)} req/s
        {isLower && ', just below where it breaks: beyond, nothing comes back'}: every server stands still for 10 s, then {duration(recovery.watchedSeconds * 1000)} are watched,
        beside the same system without the outage.{' '}
        <button type="button" className="link" onClick={studies.playOutage}>
          Play again
        </button>
      </p>
    </>
  );
}

function headlineOf({ recovers, recovery, recoversBelowPerSecond, perSecond }: Metastability): string {
  if (!recovers) return recoversBelowPerSecond === null ? 'It does not come back by itself.' : `It stays down until the load falls to ${rate(recoversBelowPerSecond, true)} req/s.`;
  const soon =
    recovery.seconds === null
      ? 'Goodput comes back by itself, but the backlog was not gone at the end'
      : `It comes back by itself, ${duration(recovery.seconds * 1000)} after the outage`;
  return recoversBelowPerSecond !== null && recoversBelowPerSecond > perSecond ? `${soon}; beyond ${rate(recoversBelowPerSecond, true)} req/s it would not.` : `${soon}.`;
}
