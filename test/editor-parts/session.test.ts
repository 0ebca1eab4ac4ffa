import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../src/model/advice.ts';
import type { Scenario } from '../../src/model/scenario.ts';
import { Session } from '../../src/editor/session.ts';

const { requests, Cancelled } = vi.hoisted(() => ({
  requests: [] as { kind: string; scenario: Partial<Scenario>; settle(): void; fail(error: Error): void }[],
  Cancelled: class extends Error {},
}));

vi.mock('vscode', () => {
  const event = () => ({ dispose: () => undefined });
  return {
    EventEmitter: class {
      #listeners = new Set<(it: unknown) => void>();
      event = (hear: (it: unknown) => void) => {
        this.#listeners.add(hear);
        return { dispose: () => this.#listeners.delete(hear) };
      };
      fire(it: unknown): void {
        for (const hear of [...this.#listeners]) hear(it);
      }
      dispose(): void {}
    },
    RelativePattern: class {},
    Uri: { joinPath: () => ({ fsPath: '' }) },
    workspace: { createFileSystemWatcher: () => ({ onDidChange: event, onDidCreate: event, onDidDelete: event, dispose: () => undefined }) },
  };
});
// The worker answers when the test says so.
vi.mock('../../src/editor/analysis-client.ts', () => ({
  Cancelled,
  AnalysisClient: class {
    report({ kind, scenario }: { kind: string; scenario: Partial<Scenario> }, _listener: unknown, signal?: AbortSignal): Promise<Report> {
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Cancelled()));
        requests.push({ kind, scenario, settle: () => resolve(reportOn(scenario)), fail: reject });
      });
    }
    dispose(): void {}
  },
}));

const reportOn = (scenario: Partial<Scenario>) => ({ scenario, topology: { components: [{}], problems: [] }, read: { files: 1, parsed: 1, ms: 1 } }) as unknown as Report;
const session = (): Session => {
  const kept = { get: (_key: string, otherwise: unknown) => otherwise, update: async () => undefined };
  const folder = { name: 'shop', uri: { scheme: 'file', fsPath: '/shop', path: '/shop', toString: () => 'file:///shop' } };
  const log = { info: () => undefined, error: () => undefined };
  return new Session(folder as never, { workspaceState: kept, extensionUri: {} } as never, log as never);
};
const calm = () => new Promise((resolve) => setTimeout(resolve, 5));
const asked = () => requests.map((it) => `${it.kind} ${it.scenario.targetPerSecond ?? 'as it is'}`);
const shown = (it: Session) => `${it.state.status.kind} ${it.state.report?.scenario.targetPerSecond ?? 'as it is'}`;

afterEach(() => {
  requests.length = 0;
});

/** `settle`, `fail`: what the newest request comes to. */
type Deed = 'analyse' | 'cancel' | 'settle' | 'fail' | number;

describe('every load that is set is answered', () => {
  it.each<[string, Deed[], string[], string]>([
    ['at rest', ['analyse', 'settle', 20, 'settle'], ['analyse as it is', 'judge 20'], 'ready 20'],
    ['the newest of two', ['analyse', 'settle', 20, 30, 'settle'], ['analyse as it is', 'judge 20', 'judge 30'], 'ready 30'],
    ['during the first reading, after it', ['analyse', 20, 'settle', 'settle'], ['analyse as it is', 'judge 20'], 'ready 20'],
    ['during another reading, by it where it began later', ['analyse', 'settle', 20, 'analyse', 'settle'], ['analyse as it is', 'judge 20', 'analyse 20'], 'ready 20'],
    ['during a reading that is cancelled', ['analyse', 'settle', 'analyse', 20, 'cancel', 'settle'], ['analyse as it is', 'analyse as it is', 'judge 20'], 'ready 20'],
    ['nothing was asked during a reading that is cancelled', ['analyse', 'settle', 'analyse', 'cancel'], ['analyse as it is', 'analyse as it is'], 'ready as it is'],
    ['a first reading that is cancelled has nothing to answer with', ['analyse', 20, 'cancel'], ['analyse as it is'], 'empty as it is'],
    ['the worker stops over it: read anew', ['analyse', 'settle', 20, 'fail', 'settle'], ['analyse as it is', 'judge 20', 'analyse 20'], 'ready 20'],
    ['the worker stops over that, too: said, and no third time', ['analyse', 'settle', 20, 'fail', 'fail'], ['analyse as it is', 'judge 20', 'analyse 20'], 'failed as it is'],
  ])('%s', async (_when, deeds, requested, state) => {
    const it = session();
    for (const deed of deeds) {
      if (deed === 'analyse') void it.analyse();
      else if (deed === 'cancel') it.cancel();
      else if (deed === 'settle') requests.at(-1)?.settle();
      else if (deed === 'fail') requests.at(-1)?.fail(new Error('the analysis stopped'));
      else void it.ask({ targetPerSecond: deed });
      await calm();
    }
    expect(asked()).toEqual(requested);
    expect(shown(it)).toBe(state);
    it.dispose();
  });
});

describe('a command waits for what there is to show', () => {
  it.each<[string, { isUnderWay: boolean; end: 'settle' | 'fail' | 'cancel' }, string]>([
    ['which it asks for itself', { isUnderWay: false, end: 'settle' }, 'ready as it is'],
    ['while the workspace is read for the first time', { isUnderWay: true, end: 'settle' }, 'ready as it is'],
    ['which is not to be had', { isUnderWay: true, end: 'fail' }, 'failed as it is'],
    ['until somebody cancels', { isUnderWay: true, end: 'cancel' }, 'empty as it is'],
  ])('%s', async (_when, { isUnderWay, end }, state) => {
    const it = session();
    if (isUnderWay) void it.analyse();
    let hasBegun = false;
    const begun = it.begin().then(() => {
      hasBegun = true;
    });
    await calm();
    expect(hasBegun).toBe(false);
    if (end === 'settle') requests.at(-1)?.settle();
    else if (end === 'fail') requests.at(-1)?.fail(new Error('the analysis stopped'));
    else it.cancel();
    await begun;
    expect(requests).toHaveLength(1);
    expect(shown(it)).toBe(state);
    it.dispose();
  });

  it('not while one is there that is being read anew', async () => {
    const it = session();
    void it.analyse();
    requests.at(-1)?.settle();
    await calm();
    void it.analyse();
    await it.begin();
    expect(shown(it)).toBe('analysing as it is');
    it.dispose();
  });
});
