import { flow } from '../src/model/amounts.ts';
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { channelText, labelWidthOf, pathOf, type PlacedEdge, poolOn, shareOf } from '../src/diagram/index.ts';
import { useView } from './panel-context.ts';

export type LineEdge = Edge<{ edge: PlacedEdge; dimmed: boolean; aimed: boolean }, 'line'>;

/** Calls between two parts: solid waits for the answer, dashed hands over, dotted asks a cache. The label says only what the line does not. */
export function EdgeLine({ data, selected, markerEnd }: EdgeProps<LineEdge>) {
  const { view } = useView();
  if (!data) return null;
  const { edge, dimmed, aimed } = data;
  const rate = view.rates.get(edge.id);
  const pool = poolOn(edge, view.outcome);
  const state = pool?.state ?? null;
  const classes = ['line', edge.manner, selected && 'selected', dimmed && 'dimmed', aimed && 'aimed', view.ghosts.has(edge.id) && 'ghost', state].filter(Boolean).join(' ');
  const what = channelText(edge);
  const hasRate = rate !== undefined && rate !== null;
  return (
    <>
      <title>{labelOf(edge)}</title>
      <BaseEdge path={pathOf(edge.points)} className={classes} {...(markerEnd !== undefined && { markerEnd })} interactionWidth={22} />
      {(what || hasRate || pool) && (
        <EdgeLabelRenderer>
          <div
            className={`line-label ${selected ? 'selected' : ''} ${aimed ? 'aimed' : ''}`}
            data-edge-label={edge.id}
            style={{ maxWidth: labelWidthOf(edge), transform: `translate(-50%, -50%) translate(${edge.label.x}px, ${edge.label.y}px)` }}
          >
            {what && <span>{what}</span>}
            {hasRate && <span className="line-rate">{flow(rate)}</span>}
            {pool && <span className={`line-pool ${state}`}>pool {shareOf(pool.station, view.outcome)}</span>}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

/** The kind of the calls in words, for the inspector and for readers of the screen. */
export const labelOf = (edge: Pick<PlacedEdge, 'channels' | 'kinds' | 'manner'>): string => {
  const what = edge.channels.length > 0 ? edge.channels.join(', ') : edge.kinds.join(', ');
  return edge.manner === 'async' && edge.channels.length === 0 ? `${what} (async)` : edge.manner === 'cached' && what !== 'cache' ? `${what} (cached)` : what;
};
