import type { Report } from './model/advice.ts';
import type { Change } from './model/change.ts';
import type { Place } from './model/known.ts';
import { isLabChoice, type LabChoice } from './model/lab-items.ts';
import type { Scenario } from './model/scenario.ts';

/** Runs of the analysis, for empty, loading, partial and failed states. */
export type Status =
  | { kind: 'idle' }
  | { kind: 'analysing'; done: number; total: number }
  /** The first answer stands; its findings are still being simulated. */
  | { kind: 'advising' }
  | { kind: 'ready' }
  /** Nothing to show, and why: `no folder is open`, `no Node.js code`. `isUnread`: it waits to be read, which is offered. */
  | { kind: 'empty'; why: string; next: string; isUnread?: true }
  | { kind: 'failed'; why: string };

export interface ScaffoldView {
  npx: string;
  yarn: string;
  pnpm: string;
  notExpressible: readonly string[];
  notices: readonly string[];
  /** What the lab's own formula says of the same parts. */
  lab: string;
}

/** What the webview keeps over a reload (`setState`); the host sends it back in the first snapshot. */
export interface PanelState {
  scenario: Scenario | null;
  changes: readonly Change[];
  lab: LabChoice;
  selection: string | null;
  viewport: { x: number; y: number; zoom: number } | null;
}

/** Whole snapshots, never patches. */
export type HostMessage =
  | { kind: 'snapshot'; workspace: string; status: Status; report: Report | null; scaffold: ScaffoldView | null; canRunScaffold: boolean }
  | { kind: 'reveal'; component: string }
  /** Another part of the editor has asked something else of the same system: the panel answers it at once, the host's own answer follows as a snapshot. */
  | { kind: 'asked'; scenario: Scenario }
  /** Another part of the editor asks for a picture of the canvas. */
  | { kind: 'requestSvg'; requestId: number }
  /** `scaffold` answers a `scaffold` request: the command for the changes that were asked about. */
  | { kind: 'reply'; requestId: number; ok: boolean; error?: string; scaffold?: ScaffoldView };

/** Host to the document view: Mermaid text to draw. It answers `ready` first, later `copyText`. */
export type DocumentMessage = { kind: 'document'; text: string };

/** `requestId` numbers rise from 1 per webview; the host answers each with one `reply`. */
export type WebviewMessage =
  | { kind: 'ready' }
  | { kind: 'openPlace'; place: Place }
  /** Opens the page of a rule: what, why, how to fix. */
  | { kind: 'showRule'; rule: string }
  /** The user moved the load or the objective: becomes the workspace's scenario, diagnostics follow. */
  | { kind: 'setScenario'; scenario: Scenario }
  | { kind: 'setDeployment'; deployment: string }
  | { kind: 'applyRemedy'; requestId: number; finding: string; remedy: string }
  /** Writes the what-if into code as far as recipes can (diff preview). */
  | { kind: 'applyChanges'; requestId: number; changes: readonly Change[] }
  /** `lab`: parts chosen by hand in place of what the workspace has. */
  | { kind: 'scaffold'; requestId: number; changes: readonly Change[]; lab: LabChoice; action: 'show' | 'copy' | 'run'; manager: 'npx' | 'yarn' | 'pnpm' }
  | { kind: 'copyText'; requestId: number; text: string; what: string }
  /** Copies how to measure a number. */
  | { kind: 'measure'; requestId: number; input: string }
  | { kind: 'openDocument' }
  | { kind: 'analyse' }
  | { kind: 'svg'; requestId: number; svg: string }
  | { kind: 'violation'; directive: string; blocked: string };

/** Parses a message from the other side; anything that does not fit is dropped (a webview is not trusted). */
export function isWebviewMessage(it: unknown): it is WebviewMessage {
  if (typeof it !== 'object' || it === null || !('kind' in it)) return false;
  const message = it as Record<string, unknown>;
  switch (message.kind) {
    case 'ready':
    case 'openDocument':
    case 'analyse':
      return true;
    case 'openPlace':
      return isPlace(message.place);
    case 'showRule':
      return typeof message.rule === 'string';
    case 'setScenario':
      return isRecord(message.scenario) && Number.isFinite(message.scenario.targetPerSecond);
    case 'setDeployment':
      return typeof message.deployment === 'string';
    case 'applyRemedy':
      return isRequest(message) && typeof message.finding === 'string' && typeof message.remedy === 'string';
    case 'applyChanges':
      return isRequest(message) && Array.isArray(message.changes);
    case 'scaffold':
      return (
        isRequest(message) &&
        Array.isArray(message.changes) &&
        isLabChoice(message.lab) &&
        ['show', 'copy', 'run'].includes(message.action as string) &&
        ['npx', 'yarn', 'pnpm'].includes(message.manager as string)
      );
    case 'copyText':
      return isRequest(message) && typeof message.text === 'string' && typeof message.what === 'string';
    case 'measure':
      return isRequest(message) && typeof message.input === 'string';
    case 'svg':
      return isRequest(message) && typeof message.svg === 'string';
    case 'violation':
      return typeof message.directive === 'string' && typeof message.blocked === 'string';
    default:
      return false;
  }
}

const isRecord = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null;
const isRequest = (it: Record<string, unknown>): boolean => Number.isInteger(it.requestId);
const isPlace = (it: unknown): it is Place => isRecord(it) && typeof it.file === 'string' && Number.isInteger(it.line);
