import { useEffect } from 'react';
import { usePanel } from './panel-context.ts';

/** Good news goes by itself; bad news stays until it is dismissed. */
const TOAST_MS = 6000;

/** Where the analysis stands: what is under way, missing or broken, and what to do next. Says nothing when all is well. */
export function Standing() {
  const { state, view, dispatch, post } = usePanel();
  const status = state.snapshot?.status ?? { kind: 'idle' as const };
  const { notice } = state;
  useEffect(() => {
    if (notice?.tone !== 'good') return;
    const timer = setTimeout(() => dispatch({ kind: 'quiet' }), TOAST_MS);
    return () => clearTimeout(timer);
  }, [notice, dispatch]);
  return (
    <>
      {state.notice && (
        <div className={`notice toast ${state.notice.tone}`} role="status">
          <span>{state.notice.text}</span>
          <button type="button" className="quiet" aria-label="Dismiss" onClick={() => dispatch({ kind: 'quiet' })}>
            ✕
          </button>
        </div>
      )}
      {/* With a picture the headline says so: a line that comes with every save would move what stands below it. */}
      {status.kind === 'analysing' && !view && (
        <div className="standing" role="status">
          <h1>Reading the workspace…</h1>
          <span>{progressText(status)}</span>
          {status.total > 0 && <progress max={status.total} value={status.done} aria-label="Files analysed" />}
        </div>
      )}
      {status.kind === 'idle' && !view && (
        <div className="standing" role="status">
          <h1>Waiting for the analysis…</h1>
          <p>The topology appears as soon as the workspace has been read.</p>
        </div>
      )}
      {status.kind === 'empty' && (
        <div className="standing" role="status">
          <h1>{status.why}</h1>
          <p>{status.next}</p>
          {status.isUnread && (
            <button type="button" className="primary" onClick={() => post({ kind: 'analyse' })}>
              Read It Now
            </button>
          )}
        </div>
      )}
      {status.kind === 'failed' && (
        <div className={view ? 'notice bad' : 'standing bad'} role="alert">
          {view ? <span>The last analysis failed: {status.why} What you see is the one before.</span> : <h1>The analysis failed</h1>}
          {!view && <p>{status.why}</p>}
          {!view && <p>The output channel “Faultline” says more.</p>}
          <button type="button" onClick={() => post({ kind: 'analyse' })}>
            Try Again
          </button>
        </div>
      )}
    </>
  );
}

export const progressText = ({ done, total }: { done: number; total: number }): string => (total > 0 ? `Analysing: ${done} of ${total} files.` : 'Looking for files…');
