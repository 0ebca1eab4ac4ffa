import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Advice } from './advice.tsx';
import { Inspector } from './inspector.tsx';
import { Limits } from './limits.tsx';
import { useView } from './panel-context.ts';
import { TABS, type Tab } from './store.ts';
import { WhatIf } from './what-if.tsx';

const TITLES: Record<Tab, string> = { advice: 'Advice', limits: 'Limits', inspect: 'Inspect', 'what-if': 'What-if' };
const BODIES: Record<Tab, () => React.ReactNode> = { advice: Advice, limits: Limits, inspect: Inspector, 'what-if': WhatIf };

export function Sidebar() {
  const { state, view, dispatch } = useView();
  const Body = BODIES[state.tab];
  const counts: Partial<Record<Tab, number>> = { advice: view.report.advice.findings.length, 'what-if': state.changes.length };
  // The button that was pressed may have gone with the old tab; the focus must not fall back to the page's start.
  const shown = useRef(state.tab);
  useEffect(() => {
    if (shown.current === state.tab) return;
    shown.current = state.tab;
    if (document.activeElement === document.body || document.activeElement === null) document.getElementById(`tab-${state.tab}`)?.focus({ preventScroll: true });
  }, [state.tab]);
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const tab = TABS[(TABS.indexOf(state.tab) + step + TABS.length) % TABS.length]!;
    dispatch({ kind: 'tab', tab });
    document.getElementById(`tab-${tab}`)?.focus();
  };
  return (
    <aside className="sidebar" aria-label="Details">
      <div className="tabs" role="tablist" onKeyDown={walk}>
        {TABS.map((tab) => (
          <button
            type="button"
            role="tab"
            key={tab}
            id={`tab-${tab}`}
            aria-selected={state.tab === tab}
            aria-controls="tab-body"
            tabIndex={state.tab === tab ? 0 : -1}
            onClick={() => dispatch({ kind: 'tab', tab })}
          >
            {TITLES[tab]}
            {counts[tab] ? <span className="count">{counts[tab]}</span> : null}
          </button>
        ))}
      </div>
      <div className="tab-body" id="tab-body" role="tabpanel" aria-labelledby={`tab-${state.tab}`}>
        <Body />
      </div>
    </aside>
  );
}
