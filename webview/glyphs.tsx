import type { ReactNode } from 'react';
import type { LoadState } from '../src/diagram/index.ts';
import type { Component } from '../src/model/topology.ts';

/** Signs of our own on a 16 × 16 field, drawn in the colour of the text. */
const SHAPES: Record<string, ReactNode> = {
  clients: (
    <>
      <circle cx="6" cy="5" r="2.5" />
      <path d="M1.5 13.5c0-3 2-4.5 4.5-4.5s4.5 1.5 4.5 4.5M10.5 3a2.3 2.3 0 0 1 0 4.4M12 9.4c1.6.6 2.5 2 2.5 4.1" />
    </>
  ),
  gateway: <path d="M2 8h4M6 8l6-4.5M6 8h6M6 8l6 4.5M12 2v3M12 6.5v3M12 11v3" />,
  service: <path d="M8 1.6 13.6 4.8v6.4L8 14.4 2.4 11.2V4.8zM5.8 6v4M5.8 6l4.4 4M10.2 6v4" />,
  frontend: <path d="M2 3h12v10H2zM2 6h12M4 4.5h.5" />,
  worker: (
    <>
      <circle cx="8" cy="8" r="2.4" />
      <path d="M8 1.8v2.4M8 11.8v2.4M1.8 8h2.4M11.8 8h2.4M3.6 3.6l1.7 1.7M10.7 10.7l1.7 1.7M12.4 3.6l-1.7 1.7M5.3 10.7l-1.7 1.7" />
    </>
  ),
  scheduler: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.5V8l2.5 1.8" />
    </>
  ),
  database: (
    <>
      <ellipse cx="8" cy="3.8" rx="5.5" ry="2.2" />
      <path d="M2.5 3.8v8.4c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2V3.8M2.5 8c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2" />
    </>
  ),
  documents: <path d="M5 1.8h6.2v9.4H5zM5 4H2.8v10.2H9V11.2M7 4.5h2.4M7 6.8h2.4" />,
  cache: <path d="M9.2 1.5 3 9h4.4L6.6 14.5 13 6.6H8.4z" />,
  queue: <path d="M1.8 4.5h3.4v7H1.8zM6.3 4.5h3.4v7H6.3zM10.8 4.5h3.4v7h-3.4zM3.5 2h9M11 .8 12.6 2 11 3.2" />,
  topic: (
    <>
      <circle cx="4" cy="8" r="2" />
      <circle cx="11.8" cy="3.6" r="1.7" />
      <circle cx="11.8" cy="12.4" r="1.7" />
      <path d="m5.8 7 4.5-2.5M5.8 9l4.5 2.5" />
    </>
  ),
  search: (
    <>
      <circle cx="6.8" cy="6.8" r="4.5" />
      <path d="m10.2 10.2 4 4" />
    </>
  ),
  files: <path d="M2 4h4.5L8 5.6h6V13H2z" />,
  mail: <path d="M1.8 3.5h12.4v9H1.8zM1.8 4l6.2 5 6.2-5" />,
  external: <path d="M4.6 12.4a3.3 3.3 0 0 1-.3-6.5 4 4 0 0 1 7.7.9 2.8 2.8 0 0 1-.3 5.6z" />,
  observability: <path d="M1.5 9h3l1.8-5 3 8.5L11.4 7l.8 2h2.3" />,
};

function shapeOf(component: Component | null): string {
  if (!component) return 'clients';
  const { engine = '', kind } = component;
  if (['rabbitmq', 'bullmq', 'sqs', 'nats'].includes(engine)) return 'queue';
  if (engine === 'kafka') return 'topic';
  if (engine === 'mongodb') return 'documents';
  if (kind === 'external-api') return /mail|smtp/i.test(component.technology) ? 'mail' : 'external';
  return kind === 'object-store' ? 'files' : kind;
}

export function KindGlyph({ component }: { component: Component | null }) {
  return (
    <svg className="glyph" viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[shapeOf(component)] ?? SHAPES.service}
    </svg>
  );
}

/** Another shape for each state, so that colour is never the only sign. */
const STATE_SHAPES: Record<LoadState, ReactNode> = {
  ok: <path d="m2 6.5 2.8 2.8L10 3.2" />,
  tight: <path className="filled" d="M6 1.5 11 10.5H1z" />,
  saturated: <path className="filled" d="M6 .8 11.2 6 6 11.2.8 6z" />,
  failing: <path className="filled" d="M3.8 1h4.4L11 3.8v4.4L8.2 11H3.8L1 8.2V3.8z" />,
  unknown: <path d="M3.8 4.2C3.8 2.8 4.8 2 6 2s2.2.8 2.2 2c0 1.5-2.2 1.7-2.2 3.3M6 9.6v.4" />,
  idle: <path d="M2.5 6h7" />,
};

export function StateGlyph({ state }: { state: LoadState }) {
  return (
    <svg className={`state-glyph ${state}`} viewBox="0 0 12 12" aria-hidden="true">
      {STATE_SHAPES[state]}
    </svg>
  );
}
