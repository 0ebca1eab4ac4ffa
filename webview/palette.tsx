import { DRAG_TYPE, insertOn, PART_EFFECTS, PART_NAMES, PARTS } from './insert.ts';
import { useView } from './panel-context.ts';

/** Parts to drag onto an arrow. By keyboard: select an arrow, then press one of them. */
export function Palette() {
  const { state, view, dispatch, post } = useView();
  const edge = view.layout.edges.find((it) => it.id === state.selection);
  const devCount = view.topology.components.filter((it) => it.scope === 'dev').length;
  return (
    <div className="toolbar" role="toolbar" aria-label="What-if">
      <span className="toolbar-title" id="palette-title">
        {edge ? `Insert between ${view.nameOf(edge.from)} and ${view.nameOf(edge.to)}:` : 'Drag onto an arrow:'}
      </span>
      {PARTS.map((part) => (
        <button
          type="button"
          key={part}
          className="part"
          draggable
          data-part={part}
          title={PART_EFFECTS[part]}
          onDragStart={(event) => {
            event.dataTransfer.setData(DRAG_TYPE, part);
            event.dataTransfer.effectAllowed = 'copy';
          }}
          onClick={() => dispatch(insertOn(view.topology, edge, part))}
        >
          <span aria-hidden="true">⠿</span> {PART_NAMES[part]}
        </button>
      ))}
      <span className="toolbar-gap" />
      <span className="toolbar-group">
        <button type="button" disabled={state.past.length === 0} onClick={() => dispatch({ kind: 'undo' })} title="Undo (Ctrl+Z)" aria-label="Undo" className="icon">
          ↶
        </button>
        <button type="button" disabled={state.future.length === 0} onClick={() => dispatch({ kind: 'redo' })} title="Redo (Ctrl+Shift+Z)" aria-label="Redo" className="icon">
          ↷
        </button>
        {devCount > 0 && (
          <button
            type="button"
            aria-pressed={state.showDev}
            title={`${state.showDev ? 'Hide' : 'Show'} ${devCount === 1 ? 'the development tool' : `the ${devCount} development tools`}`}
            onClick={() => dispatch({ kind: 'dev' })}
          >
            Dev tools
          </button>
        )}
        <button type="button" onClick={() => post({ kind: 'openDocument' })} title="The topology as a Mermaid document">
          Document
        </button>
      </span>
    </div>
  );
}
