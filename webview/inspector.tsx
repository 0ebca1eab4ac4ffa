import { figure, flow, span, used } from '../src/model/amounts.ts';
import { loadOf, type PlacedEdge, shareOf } from '../src/diagram/index.ts';
import { type Input, inputsOf } from '../src/model/inputs.ts';
import type { StationOutcome } from '../src/model/outcome.ts';
import { type Component, PROCESS_KINDS, type Topology, walkSteps } from '../src/model/topology.ts';
import { FindingCard } from './advice.tsx';
import { labelOf } from './edge-line.tsx';
import { StateGlyph } from './glyphs.tsx';
import { Gains } from './gains.tsx';
import { insertOn, PART_EFFECTS, PART_NAMES, PARTS } from './insert.ts';
import { NumberBox } from './number-box.tsx';
import { useView } from './panel-context.ts';
import { PlaceLink } from './place-link.tsx';
import { Blame, Waits } from './waits.tsx';
import { BASIS_TEXT, millisText, STATION_TEXT, UNIT_TEXT, valueText } from './words.ts';

/** Everything about the selected part or arrow. */
export function Inspector() {
  const { state, view } = useView();
  const component = view.topology.components.find((it) => it.id === state.selection);
  const edge = view.layout.edges.find((it) => it.id === state.selection);
  if (component) return <OfComponent component={component} />;
  if (edge) return <OfEdge edge={edge} />;
  return (
    <>
      <p>Select a part or an arrow on the canvas, or one of these:</p>
      <PartList />
    </>
  );
}

/** The canvas as a list, for keyboards and screen readers. */
function PartList() {
  const { view, dispatch } = useView();
  return (
    <ul className="list">
      {view.graph.nodes
        .filter((it) => it.component)
        .map((it) => {
          const load = loadOf(it.id, view.outcome);
          return (
            <li key={it.id}>
              <button type="button" className="link" onClick={() => dispatch({ kind: 'select', id: it.id })}>
                {it.name}
              </button>{' '}
              <span className="muted">
                {it.component?.technology} · {load.state}
                {load.station ? ` ${shareOf(load.station, view.outcome)}` : ''}
              </span>
            </li>
          );
        })}
    </ul>
  );
}

function OfComponent({ component }: { component: Component }) {
  const { view } = useView();
  const load = loadOf(component.id, view.outcome);
  const stations = view.outcome?.stations.filter((it) => it.component === component.id) ?? [];
  const inputs = inputsOfComponent(view.topology, component.id);
  const findings = view.report.advice.findings.filter((it) => it.component === component.id);
  const endpoints = view.topology.endpoints.filter((it) => it.component === component.id);
  return (
    <>
      <h2 className="subject">{component.name}</h2>
      <p className="muted">
        {component.kind} · {component.technology} · <StateGlyph state={load.state} /> {load.state}
        {component.places[0] && (
          <>
            {' · '}
            <PlaceLink place={component.places[0]} />
          </>
        )}
      </p>
      {stations.length > 0 ? <Stations stations={stations} /> : <p className="muted">Nothing here takes load in the simulation, or its times are not known.</p>}
      <Gains of={(it) => it.component === component.id} />
      {endpoints.length > 0 ? <Waits of={(id) => endpoints.some((it) => it.id === id)} /> : <Blame stations={stations.map((it) => it.id)} />}
      <Inputs inputs={inputs} />
      {endpoints.length > 0 && (
        <>
          <h2>Endpoints</h2>
          <ul className="list">
            {endpoints.map((it) => {
              const outcome = view.outcome?.endpoints.find((o) => o.id === it.id);
              return (
                <li key={it.id}>
                  {it.id.replace(`${component.id} `, '')}{' '}
                  <span className="muted">
                    {it.role === 'excluded'
                      ? 'takes no share of the load'
                      : outcome
                        ? `${flow(outcome.offeredPerSecond)} · p95 ${outcome.latencyMs ? millisText(outcome.latencyMs.p95) : 'grows'}`
                        : 'not reached'}
                  </span>{' '}
                  <PlaceLink place={it.place} />
                </li>
              );
            })}
          </ul>
        </>
      )}
      {findings.map((it) => (
        <FindingCard key={it.id} finding={it} />
      ))}
    </>
  );
}

function OfEdge({ edge }: { edge: PlacedEdge }) {
  const { view, dispatch } = useView();
  const rate = view.rates.get(edge.id);
  const manner = { sync: 'the caller waits for the answer', async: 'the caller hands over and goes on', cached: 'answered by a cache' }[edge.manner];
  const places = edge.calls.flatMap((it) => it.places);
  const stations = view.outcome?.stations.filter((it) => it.component === edge.from && it.target === edge.to) ?? [];
  const inputs = inputsOf(view.topology).filter((it) => view.topology.pools.some((p) => p.client === edge.from && p.target === edge.to && it.id.startsWith(`pool ${p.id} `)));
  return (
    <>
      <h2 className="subject">
        {view.nameOf(edge.from)} → {view.nameOf(edge.to)}
      </h2>
      <p className="muted">
        {labelOf(edge)} · {manner}
        {rate !== undefined && ` · ${rate === null ? 'rate not known' : flow(rate)}`}
      </p>
      {places.slice(0, 6).map((it) => (
        <div key={`${it.file}:${it.line}`}>
          <PlaceLink place={it} />
        </div>
      ))}
      {places.length > 6 && <p className="muted">and {places.length - 6} more places</p>}
      <h2>Insert here</h2>
      <div className="insert">
        {PARTS.map((part) => {
          const action = insertOn(view.topology, edge, part);
          const cannot = action.kind === 'say' ? action.text : null;
          return (
            <div key={part}>
              <button type="button" disabled={cannot !== null} data-insert={part} onClick={() => dispatch(action)}>
                Insert {PART_NAMES[part]}
              </button>
              <p className="muted">{cannot ?? PART_EFFECTS[part]}</p>
            </div>
          );
        })}
      </div>
      {stations.length > 0 && <Stations stations={stations} />}
      <Gains of={(it) => stations.some((station) => station.id === it.station)} />
      <Blame stations={stations.map((it) => it.id)} />
      <Inputs inputs={inputs} />
    </>
  );
}

function Stations({ stations }: { stations: readonly StationOutcome[] }) {
  const { view } = useView();
  return (
    <table className="figures">
      <caption>At this load</caption>
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">Busy</th>
          <th scope="col">Queue</th>
          <th scope="col">Wait</th>
        </tr>
      </thead>
      <tbody>
        {stations.map((it) => (
          <tr key={it.id} title={explain(it)}>
            <th scope="row">
              {STATION_TEXT[it.kind]}
              {it.target ? ` → ${view.nameOf(it.target)}` : ''}
            </th>
            <td>{used(it.utilisation)}</td>
            <td>{it.meanQueue === null ? 'grows' : figure(it.meanQueue)}</td>
            <td>{it.meanWaitMs === null ? 'grows' : millisText(it.meanWaitMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Held longer, nothing comes to an end: such a figure is none. */
const LONGEST_HOLD_MS = 3_600_000;

/** The utilisation's formula with its values. */
function explain(it: StationOutcome): string {
  if (it.servers === null || it.meanHoldMs === null) return it.label;
  if (it.meanHoldMs > LONGEST_HOLD_MS) return `${it.label}: ${flow(it.arrivalsPerSecond)} come, and what they hold it for does not end at this load`;
  const instances = it.instances > 1 ? ` × ${it.instances}` : '';
  return `${it.label}: ${flow(it.arrivalsPerSecond)} × ${figure(it.meanHoldMs)} ms ÷ (${it.servers}${instances}) = ${used(it.utilisation)}`;
}

function Inputs({ inputs }: { inputs: readonly Input[] }) {
  const { state, dispatch } = useView();
  if (inputs.length === 0) return null;
  return (
    <>
      <h2>Values</h2>
      <ul className="inputs">
        {inputs.map((input) => {
          const it = input.value;
          const isSet = state.changes.some((change) => change.operations.some((op) => op.kind === 'setInput' && op.input === input.id));
          return (
            <li key={input.id}>
              <span className="input-label">{input.label}</span>
              <span className="input-value">
                <NumberBox
                  value={it.state === 'known' ? it.value : null}
                  placeholder={valueText(it, input.unit)}
                  label={input.label}
                  onSet={(value) => dispatch({ kind: 'replace', change: { id: `set ${input.id}`, operations: [{ kind: 'setInput', input: input.id, value }] } })}
                />
                <span>{UNIT_TEXT[input.unit]}</span>
              </span>
              <span className="muted input-basis">
                {it.state === 'known' ? BASIS_TEXT[it.basis] : it.state === 'none' ? 'not set' : it.why}
                {it.state === 'known' && it.range && ` ${span(it.range[0], it.range[1], it.unit)}`}
                {it.state === 'known' && it.source && ` · ${it.source}`}
                {it.state === 'known' && it.at && ` · ${it.at}`}
                {it.state === 'known' && it.perSecond !== undefined && ` · at ${flow(it.perSecond)}`}
                {it.state === 'known' && it.isStale && <Stale />}
                {isSet && (
                  <button type="button" className="link" onClick={() => dispatch({ kind: 'remove', id: `set ${input.id}` })}>
                    Back
                  </button>
                )}{' '}
                <PlaceLink place={(it.state === 'unknown' ? undefined : it.place) ?? input.places[0]} />
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** In words: a colour alone would not be seen by all. */
export const Stale = () => (
  <>
    {' '}
    <span className="stale" title="The code that this was measured on is another one by now: measure again.">
      stale: measured before the code was changed
    </span>
  </>
);

const PROCESSES: readonly string[] = PROCESS_KINDS;

/** Inputs that belong to a part: its own, those of its pools and consumers, and of the steps that it runs or answers. */
function inputsOfComponent(topology: Topology, id: string): Input[] {
  const pools = topology.pools.filter((it) => it.client === id).map((it) => `pool ${it.id} `);
  const kind = topology.components.find((it) => it.id === id)?.kind ?? 'service';
  const own = new Set((PROCESSES.includes(kind) ? ['replicas', 'processes', 'cores'] : ['maxConnections', 'parallelism']).map((field) => `${field} ${id}`));
  const lines = new Set<string>();
  for (const endpoint of topology.endpoints.filter((it) => it.component === id))
    walkSteps(endpoint.steps, (step) => {
      lines.add(`${step.place.file}:${step.place.line}`);
    });
  const isStore = !topology.endpoints.some((it) => it.component === id);
  return inputsOf(topology).filter(
    (it) =>
      own.has(it.id) ||
      pools.some((prefix) => it.id.startsWith(prefix)) ||
      (it.id.startsWith('concurrency ') && it.id.endsWith(` ${id}`)) ||
      (isStore && ['hold', 'service', 'hitRatio'].some((kind) => it.id.startsWith(`${kind} ${id} `))) ||
      (!isStore && /^(hold|compute|service|timeout|hitRatio|times|probability) /.test(it.id) && it.places.some((place) => lines.has(`${place.file}:${place.line}`))),
  );
}
