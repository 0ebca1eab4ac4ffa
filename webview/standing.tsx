import { usePanel } from './panel-context.ts';
import { placeText } from './words.ts';

/** Where the analysis stands: what is under way, missing or broken, and what to do next. Says nothing when all is well. */
export function Standing() {
  const { state, view, dispatch, open } = usePanel();
  const status = state.snapshot?.status ?? { kind: 'idle' as const };
  const problems = view?.report.topology.problems ?? [];
  return (
    <>
      {state.notice && (
        <div className={`notice ${state.notice.tone}`} role="status">
          <span>{state.notice.text}</span>
          <button type="button" className="quiet" aria-label="Dismiss" onClick={() => dispatch({ kind: 'quiet' })}>
            ✕
          </button>
        </div>
      )}
      {status.kind === 'analysing' && (
        <div className={view ? 'notice' : 'standing'} role="status">
          {!view && <h1>Reading the workspace…</h1>}
          <span>{status.total > 0 ? `Analysing: ${status.done} of ${status.total} files.` : 'Looking for files…'}</span>
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
        </div>
      )}
      {status.kind === 'failed' && (
        <div className={view ? 'notice bad' : 'standing bad'} role="alert">
          {view ? <span>The last analysis failed: {status.why} What you see is the one before.</span> : <h1>The analysis failed</h1>}
          {!view && <p>{status.why}</p>}
          {!view && <p>The output channel “Faultline” says more. Save a file to analyse again.</p>}
        </div>
      )}
      {problems.length > 0 && (
        <details className="notice problems">
          <summary>
            {problems.length === 1 ? '1 file was not fully read' : `${problems.length} places were not fully read`}; the rest is shown ({view?.report.read.files} files seen,{' '}
            {view?.report.read.parsed} parsed)
          </summary>
          <ul>
            {problems.map((it) => (
              <li key={`${it.file}:${it.line}:${it.message}`}>
                <button type="button" className="link" onClick={() => open({ file: it.file, line: it.line })}>
                  {placeText(it)}
                </button>{' '}
                {it.message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
