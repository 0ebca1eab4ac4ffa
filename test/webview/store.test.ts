import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import { EMPTY_TOPOLOGY } from '../../src/model/topology.ts';
import type { HostMessage } from '../../src/protocol.ts';
import { type Action, initial, reduce, saved, SHOW_SCAFFOLD, type Snapshot, type State, WRITE_CHANGES } from '../../webview/store.ts';

const change = (id: string, value = 1): Change => ({ id, operations: [{ kind: 'setInput', input: id, value }] });
const at = (targetPerSecond: number): Scenario => ({ ...DEFAULT_SCENARIO, targetPerSecond, targetSetByUser: true });

function snapshot(scenario: Scenario, topology = EMPTY_TOPOLOGY): Snapshot {
  const report = { topology, scenario, outcome: {}, advice: {}, read: { files: 1, parsed: 1, ms: 1 } } as unknown as NonNullable<Snapshot['report']>;
  return { kind: 'snapshot', workspace: 'w', status: { kind: 'ready' }, report, scaffold: null, canRunScaffold: true };
}
const host = (message: HostMessage): Action => ({ kind: 'host', message });
const play = (...actions: Action[]): State => actions.reduce(reduce, initial(undefined));
const add = (id: string): Action => ({ kind: 'add', change: change(id), says: '' });
const ids = (state: State): string[] => state.changes.map((it) => it.id);

describe('what-if', () => {
  it.each<[string, Action[], string[]]>([
    ['adds', [add('a'), add('b')], ['a', 'b']],
    ['the same part twice is one', [add('a'), add('a')], ['a']],
    ['undoes', [add('a'), add('b'), { kind: 'undo' }], ['a']],
    ['undoes to nothing, and no further', [add('a'), { kind: 'undo' }, { kind: 'undo' }], []],
    ['redoes', [add('a'), add('b'), { kind: 'undo' }, { kind: 'undo' }, { kind: 'redo' }], ['a']],
    ['a new change forgets what could be redone', [add('a'), { kind: 'undo' }, add('b'), { kind: 'redo' }], ['b']],
    ['resets', [add('a'), add('b'), { kind: 'reset' }], []],
    ['a reset can be undone', [add('a'), { kind: 'reset' }, { kind: 'undo' }], ['a']],
    ['removes', [add('a'), add('b'), { kind: 'remove', id: 'a' }], ['b']],
  ])('%s', (_name, actions, expected) => expect(ids(play(...actions))).toEqual(expected));

  it('replaces a value in place', () => {
    const state = play({ kind: 'replace', change: change('a', 1) }, { kind: 'replace', change: change('b') }, { kind: 'replace', change: change('a', 7) });
    expect(state.changes).toEqual([change('a', 7), change('b')]);
  });

  it('parts of the new project are undone, redone and saved like changes, and a command that was asked for before is not theirs', () => {
    const chosen = play(add('a'), { kind: 'lab', lab: { queue: 'BullMQ' } }, { kind: 'lab', lab: { queue: 'BullMQ', cache: 'Redis' } });
    const undone = reduce(chosen, { kind: 'undo' });
    expect([undone.lab, ids(undone)]).toEqual([{ queue: 'BullMQ' }, ['a']]);
    expect(reduce(undone, { kind: 'redo' }).lab).toEqual(chosen.lab);
    expect(initial(saved(chosen)).lab).toEqual(chosen.lab);
    const refused = [undone, { kind: 'sent', requestId: 1, what: SHOW_SCAFFOLD }, host({ kind: 'reply', requestId: 1, ok: false, error: 'no Redis' })] as const;
    const asked = reduce(refused[0], refused[1]);
    expect(reduce(asked, refused[2])).toMatchObject({ scaffoldRefused: 'no Redis', notice: asked.notice });
    expect(reduce(reduce(asked, { kind: 'redo' }), refused[2]).scaffoldRefused).toBeNull();
  });

  it('ends when the host has written it and the workspace shows it', () => {
    const written = { ...EMPTY_TOPOLOGY, facts: [{ type: 't', subject: 's', value: 1, basis: 'declared' }] };
    const before = play(host(snapshot(at(1))), add('a'), { kind: 'sent', requestId: 1, what: WRITE_CHANGES }, host({ kind: 'reply', requestId: 1, ok: true }));
    expect(ids(before)).toEqual(['a']);
    expect(ids(reduce(before, host(snapshot(at(1)))))).toEqual(['a']);
    expect(ids(reduce(before, host(snapshot(at(1), written))))).toEqual([]);
  });

  it('stays when the workspace changes for another reason', () => {
    const other = { ...EMPTY_TOPOLOGY, facts: [{ type: 't', subject: 's', value: 1, basis: 'declared' }] };
    expect(ids(play(host(snapshot(at(1))), add('a'), host(snapshot(at(1), other))))).toEqual(['a']);
  });
});

describe('whose load counts', () => {
  const drag: Action = { kind: 'scenario', scenario: at(500) };
  const sent = (perSecond: number): Action => ({ kind: 'scenarioSent', scenario: at(perSecond) });
  const faster: Action = { kind: 'scenario', scenario: at(900) };
  it.each<[string, Action[], number | null]>([
    ['the slider’s, before it is sent', [host(snapshot(at(100))), drag], 500],
    ['the slider’s, while an older analysis arrives', [host(snapshot(at(100))), drag, sent(500), host(snapshot(at(100)))], 500],
    ['the host’s, once it has taken it', [host(snapshot(at(100))), drag, sent(500), host(snapshot(at(500)))], null],
    ['the host’s, when a command moved it', [host(snapshot(at(100))), drag, sent(500), host(snapshot(at(9)))], null],
    ['the slider’s, which moved on while the sending was under way', [host(snapshot(at(100))), drag, faster, sent(500), host(snapshot(at(500)))], 900],
    ['the slider’s, while an older question of its own is answered', [host(snapshot(at(100))), drag, sent(500), faster, sent(900), host(snapshot(at(500)))], 900],
    ['the host’s, once both are answered', [host(snapshot(at(100))), drag, sent(500), faster, sent(900), host(snapshot(at(500))), host(snapshot(at(900)))], null],
    ['the host’s, when it skipped the older question', [host(snapshot(at(100))), drag, sent(500), faster, sent(900), host(snapshot(at(900)))], null],
    ['the host’s, when a command moved it after an answer', [host(snapshot(at(100))), drag, sent(500), host(snapshot(at(500))), host(snapshot(at(9)))], null],
    ['the slider’s, when a command moved it in the middle of a drag', [host(snapshot(at(100))), drag, host(snapshot(at(9)))], 500],
  ])('%s', (_name, actions, expected) => expect(play(...actions).scenario?.targetPerSecond ?? null).toBe(expected));

  it.each<[string, Scenario, number | null]>([
    ['a load that was chosen before a reload counts again', DEFAULT_SCENARIO, 500],
    ['but not over one that the host was told since', at(9), null],
  ])('%s', (_name, theirs, expected) => {
    const state = reduce(initial({ scenario: at(500), changes: [], lab: {}, selection: null, viewport: null }), host(snapshot(theirs)));
    expect(state.scenario?.targetPerSecond ?? null).toBe(expected);
  });
});

describe('answers of the host', () => {
  it.each<[string, HostMessage, string | null]>([
    ['done', { kind: 'reply', requestId: 1, ok: true }, 'Copy: done.'],
    ['refused', { kind: 'reply', requestId: 1, ok: false, error: 'the file has changed' }, 'Copy: the file has changed'],
    ['to nothing that was asked', { kind: 'reply', requestId: 7, ok: true }, null],
  ])('%s', (_name, message, notice) => expect(play({ kind: 'sent', requestId: 1, what: 'Copy' }, host(message)).notice?.text ?? null).toBe(notice));

  it('a command for the what-if is shown until the what-if changes', () => {
    const view = { npx: 'npx x', yarn: '', pnpm: '', notExpressible: [], notices: [], lab: '' };
    const shown = play({ kind: 'sent', requestId: 1, what: 'Copy' }, host({ kind: 'reply', requestId: 1, ok: true, scaffold: view }));
    expect(shown.scaffold).toEqual(view);
    expect(reduce(shown, add('a')).scaffold).toBeNull();
  });

  it('a load that was asked for elsewhere is answered at once, and nothing older takes it back', () => {
    const asked = play(host(snapshot(at(42))), host({ kind: 'asked', scenario: at(400) }));
    expect(asked).toMatchObject({ scenario: at(400), unsent: false });
    expect(reduce(asked, host(snapshot(at(42)))).scenario).toEqual(at(400));
    const answered = reduce(asked, host(snapshot(at(400))));
    expect(answered).toMatchObject({ scenario: null, sent: [] });
    expect(reduce(answered, host({ kind: 'asked', scenario: at(7) })).scenario).toEqual(at(7));
  });

  it('a slider that still moves is newer than what was asked for elsewhere', () =>
    expect(play(host(snapshot(at(42))), { kind: 'scenario', scenario: at(50) }, host({ kind: 'asked', scenario: at(400) }))).toMatchObject({ scenario: at(50), unsent: true }));

  it('reveals a component in the inspector', () => expect(play(host({ kind: 'reveal', component: 'db' }))).toMatchObject({ selection: 'db', tab: 'inspect' }));
});

it('keeps for a reload what the user made', () => {
  const state = play(host(snapshot(at(42))), add('a'), { kind: 'select', id: 'db' }, { kind: 'viewport', viewport: { x: 1, y: 2, zoom: 3 } });
  expect(saved(state)).toEqual({ scenario: at(42), lab: {}, changes: [change('a')], selection: 'db', viewport: { x: 1, y: 2, zoom: 3 } });
  expect(initial(saved(state))).toMatchObject({ changes: [change('a')], selection: 'db', tab: 'inspect' });
  expect(saved(play(host(snapshot(DEFAULT_SCENARIO)))).scenario).toBeNull();
});
