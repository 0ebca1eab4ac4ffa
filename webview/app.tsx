import { Component, type ReactNode, useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import { svgOf } from '../src/diagram/index.ts';
import { digestOf } from '../src/model/digest.ts';
import type { Answers } from './answers.ts';
import { Canvas } from './canvas.tsx';
import { Headline } from './headline.tsx';
import type { Host } from './host.ts';
import { LoadControl } from './load-control.tsx';
import { Palette } from './palette.tsx';
import { type Panel, PanelProvider } from './panel-context.ts';
import { Problems } from './problems.tsx';
import { Sidebar } from './sidebar.tsx';
import { Standing } from './standing.tsx';
import { type Action, initial, reduce, saved } from './store.ts';
import { useStudies } from './studies.ts';
import { REST_MS, useView } from './view.ts';

export function App({ host, answers }: { host: Host; answers: Answers }) {
  const [state, dispatch] = useReducer(reduce, undefined, () => initial(host.load()));
  const view = useView(state, answers);
  const studies = useStudies(view, answers);
  const requestId = useRef(1);
  const drawn = useRef(view);
  drawn.current = view;

  useEffect(() => {
    const stop = host.listen((message) => {
      if (message.kind !== 'requestSvg') {
        dispatch({ kind: 'host', message });
        return;
      }
      const now = drawn.current;
      if (now) host.post({ kind: 'svg', requestId: message.requestId, svg: svgOf(now.topology, now.outcome, now.layout) });
    });
    host.post({ kind: 'ready' });
    return stop;
  }, [host]);

  useEffect(() => {
    if (state.snapshot?.report) host.save(saved(state));
  }, [host, state]);

  // A scenario of the user's that the host does not have yet goes out once the slider rests.
  const { scenario, unsent } = state;
  const restored = !unsent && scenario !== null;
  useEffect(() => {
    if (!scenario || !unsent) return;
    const timer = setTimeout(() => {
      host.post({ kind: 'setScenario', scenario });
      dispatch({ kind: 'scenarioSent', scenario });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [host, scenario, unsent]);
  const hasReport = view !== null;
  const isRestored = useRef(restored);
  useEffect(() => {
    if (!hasReport || !isRestored.current) return;
    isRestored.current = false;
    if (scenario) host.post({ kind: 'setScenario', scenario });
  }, [host, hasReport, scenario]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const action = shortcut(event);
      if (!action) return;
      if (action.kind !== 'select') event.preventDefault();
      dispatch(action);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  const ask = useCallback<Panel['ask']>(
    (message, what) => {
      const id = requestId.current++;
      dispatch({ kind: 'sent', requestId: id, what });
      host.post({ ...message, requestId: id } as Parameters<Host['post']>[0]);
    },
    [host],
  );
  const panel = useMemo<Panel>(
    () => ({ state, view, studies, dispatch, post: host.post, ask, open: (place) => host.post({ kind: 'openPlace', place }) }),
    [state, view, studies, host, ask],
  );

  return (
    <PanelProvider value={panel}>
      <div className="panel">
        <Boundary>
          {view && view.topology.components.length > 0 ? (
            <>
              <Headline />
              <Standing />
              <LoadControl />
              <main className="work" data-digest={view.outcome && !view.isDraft ? digestOf(view.outcome) : undefined}>
                <section className="stage" aria-label="Canvas">
                  <Palette />
                  <Canvas />
                </section>
                <Sidebar />
              </main>
            </>
          ) : (
            <>
              <Standing />
              {view && (
                <div className="read">
                  <Problems />
                </div>
              )}
            </>
          )}
        </Boundary>
        <div className="live" role="status" aria-live="polite">
          {view && !view.isDraft ? view.headline : ''}
        </div>
      </div>
    </PanelProvider>
  );
}

/** Escape lets go of the selection; undo and redo belong to the text while somebody types. */
function shortcut(event: KeyboardEvent): Action | null {
  if (event.key === 'Escape') return { kind: 'select', id: null };
  const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'range';
  const key = event.key.toLowerCase();
  if (isTyping || !(event.ctrlKey || event.metaKey) || (key !== 'z' && key !== 'y')) return null;
  return { kind: key === 'y' || event.shiftKey ? 'redo' : 'undo' };
}

/** A part that fails to draw says so and leaves a way on, instead of an empty panel. */
class Boundary extends Component<{ children: ReactNode }, { error: string | null }> {
  override state = { error: null as string | null };
  static getDerivedStateFromError(error: unknown): { error: string } {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="standing bad" role="alert">
        <h1>The panel could not be drawn</h1>
        <p>{this.state.error}</p>
        <button type="button" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
