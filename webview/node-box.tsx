import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { loadOf, type PlacedNode, shareOf } from '../src/diagram/index.ts';
import { KindGlyph, StateGlyph } from './glyphs.tsx';
import { useView } from './panel-context.ts';

export type BoxNode = Node<{ node: PlacedNode; dimmed: boolean }, 'box'>;

/** One part of the system: what it is, how big, how busy. Its size comes from the layout and never depends on load. */
export function NodeBox({ data: { node, dimmed }, selected }: NodeProps<BoxNode>) {
  const { view } = useView();
  const load = loadOf(node.id, view.outcome);
  const isGhost = view.ghosts.has(node.id);
  const binds = view.outcome?.bindingComponent === node.id && view.outcome.verdict !== 'holds';
  const share = load.station ? Math.min(1, Number.isFinite(load.station.utilisation) ? load.station.utilisation : 1) : 0;
  const classes = ['box', node.component ? load.state : 'plain', selected && 'selected', dimmed && 'dimmed', isGhost && 'ghost', binds && 'binds'].filter(Boolean).join(' ');
  return (
    <div className={classes} style={{ width: node.width, minHeight: node.height }} data-box={node.id}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
      <div className="box-name">
        <KindGlyph component={node.component} />
        <span>{node.name}</span>
      </div>
      <div className="box-detail">{node.component ? node.component.technology : 'send the load'}</div>
      {node.facts.map((it) => (
        <div className="box-detail" key={it}>
          {it}
        </div>
      ))}
      {node.component && (
        <div className="meter">
          <div className="meter-track">
            <div className={`meter-bar ${load.state}`} style={{ width: `${share * 100}%` }} />
          </div>
          <div className="meter-text">
            <StateGlyph state={load.state} />
            <span>{load.state}</span>
            {load.station && <span className="meter-share">{shareOf(load.station, view.outcome)}</span>}
          </div>
        </div>
      )}
      {isGhost && <span className="badge">what-if</span>}
      {binds && !isGhost && <span className="badge">first to give way</span>}
    </div>
  );
}

export type TierNode = Node<{ title: string; width: number }, 'tier'>;

export function TierHeading({ data }: NodeProps<TierNode>) {
  return (
    <div className="tier" style={{ minWidth: data.width }}>
      {data.title}
    </div>
  );
}
