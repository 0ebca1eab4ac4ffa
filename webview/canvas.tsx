import { Background, BackgroundVariant, Controls, MarkerType, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, useStore, type Viewport } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { PlacedEdge, Point } from '../src/diagram/index.ts';
import { EdgeLine, type LineEdge, labelOf } from './edge-line.tsx';
import { DRAG_TYPE, insertOn, PARTS, type Part } from './insert.ts';
import { type BoxNode, NodeBox, TierHeading, type TierNode } from './node-box.tsx';
import { frameOf, HEADING } from './frame.ts';
import { useView } from './panel-context.ts';
import { same } from './store.ts';
import type { View } from './view.ts';

const NODE_TYPES = { box: NodeBox, tier: TierHeading };
const EDGE_TYPES = { line: EdgeLine };
/** From how far, in canvas units, a dropped part finds its arrow. */
const REACH = 60;
const MINIMAP_FROM = 21;
/** Above this only what is in sight is drawn. */
const MANY = 80;

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const { state, view, dispatch } = useView();
  const { layout } = view;
  const flow = useReactFlow();
  const [aimed, setAimed] = useState<string | null>(null);
  const moveFrom = useRef<Viewport | null>(null);
  const near = useMemo(() => neighbourhood(state.selection, layout.edges), [state.selection, layout]);

  const nodes = useMemo(
    () =>
      layout.nodes.map(
        (node): BoxNode => ({
          id: node.id,
          type: 'box',
          position: { x: node.x, y: node.y },
          measured: { width: node.width, height: node.height },
          data: { node, dimmed: near !== null && !near.has(node.id) },
          selected: state.selection === node.id,
          draggable: false,
          ariaLabel: [node.name, node.component?.kind, node.component?.technology].filter(Boolean).join(', '),
        }),
      ),
    [layout, near, state.selection],
  );
  const headings = useMemo(
    () =>
      layout.tiers.map(
        (it): TierNode => ({
          id: `tier ${it.tier}`,
          type: 'tier',
          position: { x: it.x, y: -HEADING },
          measured: { width: it.width, height: 20 },
          data: { title: it.title, width: it.width },
          draggable: false,
          selectable: false,
          focusable: false,
        }),
      ),
    [layout],
  );
  const edges = useMemo(
    () =>
      layout.edges.map(
        (edge): LineEdge => ({
          id: edge.id,
          type: 'line',
          source: edge.from,
          target: edge.to,
          data: { edge, dimmed: near !== null && !near.has(edge.id), aimed: aimed === edge.id },
          selected: state.selection === edge.id,
          markerEnd: { type: MarkerType.ArrowClosed, width: 18, height: 18, markerUnits: 'userSpaceOnUse', color: 'context-stroke' },
          ariaLabel: `${view.nameOf(edge.from)} to ${view.nameOf(edge.to)}, ${labelOf(edge)}. Press Enter to inspect it or to insert a part.`,
        }),
      ),
    [layout, near, state.selection, aimed, view.nameOf],
  );

  useFraming(view, state.viewport);
  const keepView = useCallback((): void => {
    requestAnimationFrame(() => dispatch({ kind: 'viewport', viewport: flow.getViewport() }));
  }, [dispatch, flow]);

  const drop = (event: DragEvent): void => {
    const part = event.dataTransfer.getData(DRAG_TYPE) as Part;
    const id = nearestEdge(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }), layout.edges);
    const edge = layout.edges.find((it) => it.id === id);
    setAimed(null);
    event.preventDefault();
    if (PARTS.includes(part)) dispatch(insertOn(view.topology, edge, part));
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the drop target for the mouse; the keyboard inserts through the inspector
    <div
      className="canvas"
      onDragOver={(event) => {
        event.preventDefault();
        setAimed(nearestEdge(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }), layout.edges));
      }}
      onDragLeave={(event) => {
        // Moving from one child to another is no leaving.
        if (!event.currentTarget.contains(event.relatedTarget as globalThis.Node | null)) setAimed(null);
      }}
      onDrop={drop}
    >
      <ReactFlow
        nodes={[...headings, ...nodes]}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={(changes) => {
          for (const it of changes) if (it.type === 'select' && it.selected) dispatch({ kind: 'select', id: it.id });
        }}
        onEdgesChange={(changes) => {
          for (const it of changes) if (it.type === 'select' && it.selected) dispatch({ kind: 'select', id: it.id });
        }}
        onPaneClick={() => dispatch({ kind: 'select', id: null })}
        onMoveStart={(_, viewport) => {
          moveFrom.current = viewport;
        }}
        onMoveEnd={(event, viewport) => {
          // A click on the canvas ends a move, too, that went nowhere.
          if (event && !same(moveFrom.current, viewport)) dispatch({ kind: 'viewport', viewport });
        }}
        {...(state.viewport && { defaultViewport: state.viewport })}
        onlyRenderVisibleElements={layout.nodes.length > MANY}
        minZoom={0.1}
        maxZoom={2}
        nodesConnectable={false}
        nodesDraggable={false}
        elevateNodesOnSelect={false}
        deleteKeyCode={null}
        multiSelectionKeyCode={null}
        selectionKeyCode={null}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1} color="var(--grid)" />
        <Controls
          showInteractive={false}
          fitViewOptions={WHOLE}
          position="bottom-left"
          orientation="horizontal"
          onZoomIn={keepView}
          onZoomOut={keepView}
          onFitView={() => dispatch({ kind: 'viewport', viewport: null })}
        />
        {layout.nodes.length >= MINIMAP_FROM && <MiniMap pannable zoomable position="bottom-right" ariaLabel="Overview" />}
      </ReactFlow>
    </div>
  );
}

/** The buttons at the bottom cover this much of the canvas. */
const CONTROLS = 30;
const WHOLE = { padding: 0.03, maxZoom: 1.2 };

/** Frames the picture when it first appears, when parts come or go and when the panel gets another size; never on a mere change of load, and never after the user moved it himself. */
function useFraming(view: View, own: unknown): void {
  const flow = useReactFlow();
  const width = useStore((it) => it.width);
  const height = useStore((it) => it.height);
  const binding = useRef<readonly string[]>([]);
  binding.current = bindingOf(view.outcome);
  const shown = useRef(false);
  const isFree = own === null;
  const { layout } = view;
  useEffect(() => {
    if (!isFree || width === 0 || height === 0 || layout.nodes.length === 0) return;
    const glides = shown.current && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    shown.current = true;
    void flow.setViewport(frameOf(layout, binding.current, { width, height: height - CONTROLS }), { duration: glides ? 200 : 0 });
  }, [layout, width, height, isFree, flow]);
}

/** What gives way: of a pool both ends. */
function bindingOf(outcome: View['outcome']): string[] {
  const { bindingComponent = null, binding = null } = outcome ?? {};
  return [bindingComponent, outcome?.stations.find((it) => it.id === binding)?.target].filter((it) => it != null);
}

/** The selected part with what it touches; null when nothing is selected. */
function neighbourhood(selection: string | null, edges: readonly PlacedEdge[]): ReadonlySet<string> | null {
  if (!selection) return null;
  const touching = edges.filter((it) => it.id === selection || it.from === selection || it.to === selection);
  return new Set([selection, ...touching.flatMap((it) => [it.id, it.from, it.to])]);
}

function nearestEdge(at: Point, edges: readonly PlacedEdge[]): string | null {
  let best: { id: string; distance: number } | null = null;
  for (const edge of edges) {
    const distances = edge.points.slice(1).map((it, index) => distanceTo(at, edge.points[index]!, it));
    const distance = Math.min(Math.hypot(at.x - edge.label.x, at.y - edge.label.y), ...distances);
    if (distance <= REACH && (!best || distance < best.distance)) best = { id: edge.id, distance };
  }
  return best?.id ?? null;
}

function distanceTo(at: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = Math.max(0, Math.min(1, ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(at.x - from.x - along * dx, at.y - from.y - along * dy);
}
