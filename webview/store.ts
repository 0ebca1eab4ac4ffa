import type { Change } from '../src/model/change.ts';
import { isLabChoice, type LabChoice } from '../src/model/lab-items.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { HostMessage, PanelState, ScaffoldView } from '../src/protocol.ts';

export type Snapshot = Extract<HostMessage, { kind: 'snapshot' }>;
export const TABS = ['advice', 'limits', 'inspect', 'what-if'] as const;
export type Tab = (typeof TABS)[number];
export type Manager = 'npx' | 'yarn' | 'pnpm';

/** What undo and redo go through. */
type Tried = Pick<State, 'changes' | 'lab'>;

/** Everything that cannot be derived. Topology, outcome and sentences are derived from it (`derive.ts`). */
export interface State {
  snapshot: Snapshot | null;
  /** The load that the user has set and the host has not answered yet; null = the report's. */
  scenario: Scenario | null;
  /** True while `scenario` has not been sent. */
  unsent: boolean;
  /** Loads that were sent and not answered yet, oldest first. */
  sent: readonly Scenario[];
  past: readonly Tried[];
  changes: readonly Change[];
  future: readonly Tried[];
  /** A component or an edge (`<from>→<to>`). */
  selection: string | null;
  viewport: PanelState['viewport'];
  tab: Tab;
  showDev: boolean;
  manager: Manager;
  /** Parts of the new project that were chosen by hand. */
  lab: LabChoice;
  /** Requests without an answer, with words for the user. */
  pending: Readonly<Record<number, string>>;
  nextRequest: number;
  notice: { tone: 'good' | 'bad'; text: string } | null;
  /** Command for the what-if, as the host answered. */
  scaffold: ScaffoldView | null;
  /** Why there is none for the parts that were chosen. */
  scaffoldRefused: string | null;
  /** The host has written the what-if; the next topology that differs ends it. */
  written: boolean;
}

export type Action =
  | { kind: 'host'; message: HostMessage }
  | { kind: 'scenario'; scenario: Scenario }
  | { kind: 'scenarioSent'; scenario: Scenario }
  | { kind: 'add'; change: Change; says: string }
  | { kind: 'replace'; change: Change }
  | { kind: 'remove'; id: string }
  | { kind: 'undo' | 'redo' | 'reset' }
  | { kind: 'select'; id: string | null }
  | { kind: 'viewport'; viewport: PanelState['viewport'] }
  | { kind: 'tab'; tab: Tab }
  | { kind: 'dev' }
  | { kind: 'manager'; manager: Manager }
  | { kind: 'lab'; lab: LabChoice }
  | { kind: 'sent'; requestId: number; what: string }
  | { kind: 'say'; tone: 'good' | 'bad'; text: string }
  | { kind: 'quiet' };

export function initial(saved: PanelState | undefined): State {
  return {
    snapshot: null,
    scenario: saved?.scenario ?? null,
    unsent: false,
    sent: [],
    past: [],
    changes: saved?.changes ?? [],
    future: [],
    selection: saved?.selection ?? null,
    viewport: saved?.viewport ?? null,
    tab: saved?.selection ? 'inspect' : 'advice',
    showDev: false,
    manager: 'npx',
    lab: isLabChoice(saved?.lab) ? saved.lab : {},
    pending: {},
    nextRequest: 1,
    notice: null,
    scaffold: null,
    scaffoldRefused: null,
    written: false,
  };
}

/** What survives a reload. The scenario only if the user chose it: else the workspace's own word counts. */
export const saved = (state: State): PanelState => {
  const scenario = state.scenario ?? state.snapshot?.report?.scenario ?? null;
  return { scenario: scenario?.targetSetByUser ? scenario : null, changes: state.changes, lab: state.lab, selection: state.selection, viewport: state.viewport };
};

/** The next state. Pure: who sends messages does so beside it. */
export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'host':
      return receive(state, action.message);
    case 'scenario':
      return { ...state, scenario: action.scenario, unsent: true };
    case 'scenarioSent':
      // The slider may have moved on between the sending and this word of it.
      return { ...state, unsent: state.unsent && !same(state.scenario, action.scenario), sent: [...state.sent, action.scenario] };
    case 'add':
      return { ...edited(state, upsert(state.changes, action.change)), tab: 'what-if', selection: null, notice: { tone: 'good', text: action.says } };
    case 'replace':
      return edited(state, upsert(state.changes, action.change));
    case 'remove':
      return edited(
        state,
        state.changes.filter((it) => it.id !== action.id),
      );
    case 'reset':
      return state.changes.length === 0 ? state : edited(state, []);
    case 'undo': {
      const before = state.past.at(-1);
      return before ? { ...tried(state, before), past: state.past.slice(0, -1), future: [now(state), ...state.future] } : state;
    }
    case 'redo': {
      const [next, ...rest] = state.future;
      return next ? { ...tried(state, next), past: [...state.past, now(state)], future: rest } : state;
    }
    case 'select':
      return { ...state, selection: action.id, tab: action.id ? 'inspect' : state.tab === 'inspect' ? 'advice' : state.tab };
    case 'viewport':
      return { ...state, viewport: action.viewport };
    case 'tab':
      return { ...state, tab: action.tab };
    case 'dev':
      return { ...state, showDev: !state.showDev };
    case 'manager':
      return { ...state, manager: action.manager };
    case 'lab':
      return { ...tried(state, { changes: state.changes, lab: action.lab }), past: [...state.past, now(state)], future: [] };
    case 'sent':
      return { ...state, pending: { ...state.pending, [action.requestId]: action.what }, nextRequest: Math.max(state.nextRequest, action.requestId + 1) };
    case 'say':
      return { ...state, notice: { tone: action.tone, text: action.text } };
    case 'quiet':
      return { ...state, notice: null };
  }
}

const now = ({ changes, lab }: State): Tried => ({ changes, lab });

/** A command that was asked for before is not the one for these: its answer is not waited for. */
const tried = (state: State, { changes, lab }: Tried): State => {
  const pending = Object.fromEntries(Object.entries(state.pending).filter(([, what]) => what !== SHOW_SCAFFOLD));
  return { ...state, changes, lab, pending, scaffold: null, scaffoldRefused: null };
};

const edited = (state: State, changes: readonly Change[]): State => ({
  ...tried(state, { changes, lab: state.lab }),
  past: [...state.past, now(state)],
  future: [],
  written: false,
});

const upsert = (changes: readonly Change[], change: Change): readonly Change[] =>
  changes.some((it) => it.id === change.id) ? changes.map((it) => (it.id === change.id ? change : it)) : [...changes, change];

function receive(state: State, message: HostMessage): State {
  switch (message.kind) {
    case 'snapshot':
      return ended({ ...state, snapshot: message, ...settled(state, message) }, state.snapshot);
    case 'reveal':
      return { ...state, selection: message.component, tab: 'inspect' };
    case 'asked':
      // As if the slider had been moved and its place sent; one that still moves is newer.
      return state.unsent ? state : { ...state, scenario: message.scenario, sent: [...state.sent, message.scenario] };
    case 'reply': {
      const { [message.requestId]: what, ...pending } = state.pending;
      if (what === undefined) return state;
      if (what === SHOW_SCAFFOLD) return { ...state, pending, scaffold: message.scaffold ?? null, scaffoldRefused: message.ok ? null : (message.error ?? 'not possible') };
      const notice = message.ok ? { tone: 'good' as const, text: `${what}: done.` } : { tone: 'bad' as const, text: `${what}: ${message.error ?? 'not done'}` };
      return { ...state, pending, notice, scaffold: message.scaffold ?? state.scaffold, written: state.written || (message.ok && what === WRITE_CHANGES) };
    }
    case 'requestSvg':
      return state;
  }
}

/** Its answer is seen where it appears; a word about it would only be in the way. */
export const SHOW_SCAFFOLD = 'Show the scaffold command';
export const WRITE_CHANGES = 'Write the what-if into the code';

/** Whose scenario counts when a snapshot arrives: the user's until the host has taken it, the host's when it moved by itself. */
function settled(state: State, next: Snapshot): Pick<State, 'scenario' | 'sent'> {
  const ours = state.scenario;
  const theirs = next.report?.scenario;
  if (!ours || !theirs) return { scenario: ours, sent: state.sent };
  const sent = state.sent.slice(state.sent.findIndex((it) => same(it, theirs)) + 1);
  const isOlder = sent.length > 0 && sent.length < state.sent.length;
  if (state.unsent || isOlder) return { scenario: ours, sent };
  const before = state.snapshot?.report?.scenario;
  const isTheirs = same(ours, theirs) || (before ? !same(before, theirs) : theirs.targetSetByUser);
  return isTheirs ? { scenario: null, sent: [] } : { scenario: ours, sent };
}

function ended(state: State, before: Snapshot | null): State {
  const changed = state.snapshot?.report && before?.report && !same(state.snapshot.report.topology, before.report.topology);
  if (!state.written || !changed) return state;
  return { ...state, past: [], changes: [], future: [], written: false, notice: { tone: 'good', text: 'The what-if is in the code now; the picture shows the workspace.' } };
}

export const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
