import type { Report } from './model/advice.ts';
import type { Change } from './model/change.ts';
import type { FileEdit } from './model/edit.ts';
import type { Scenario } from './model/scenario.ts';
import type { RecipeCall } from './model/weakness.ts';

/** Host to analysis worker. Every request carries an id that its answers repeat. */
export type AnalysisRequest =
  /** `changed`: the only files that were written since the last such request was sent, relative to the root; null where more may have happened, or nobody knows. */
  | { kind: 'analyse'; id: number; root: string; cacheFolder: string | null; scenario: Partial<Scenario>; deployment: string | null; changed: readonly string[] | null }
  /** Only the question has changed: no file is read. */
  | { kind: 'judge'; id: number; scenario: Partial<Scenario> }
  /** `unsaved`: files that the editor shows otherwise than the disk has them. */
  | { kind: 'edits'; id: number; calls: readonly RecipeCall[]; unsaved: ReadonlyMap<string, string> }
  | { kind: 'editsForChanges'; id: number; changes: readonly Change[]; unsaved: ReadonlyMap<string, string> }
  /** Files of measurements, read by the host: they may lie anywhere. */
  | { kind: 'import'; id: number; files: readonly { name: string; text: string; modifiedAt: string }[] }
  /** How to measure one number. */
  | { kind: 'recipe'; id: number; input: string }
  /** The load that the verdict is about, for k6. */
  | { kind: 'loadScript'; id: number }
  /** What the last report has changed against earlier texts of files (null: the file was not there). */
  | { kind: 'compare'; id: number; files: readonly (readonly [file: string, text: string | null])[] }
  /** A project beside the folder, looked at once: its verdict, and what it needs. `left`: what its generator could not be asked for. */
  | { kind: 'look'; id: number; root: string; name: string; scenario: Partial<Scenario>; left: readonly string[] }
  | { kind: 'cancel'; id: number };

/** What the worker starts with. `stopped`, in shared memory: no answer is wanted to requests of this id and below; a request to cancel says the same, but is heard only when nothing is worked out. */
export interface WorkerData {
  stopped: Int32Array;
}

export type AnalysisReply =
  | { kind: 'progress'; id: number; done: number; total: number }
  /** The answer without findings, while these are being simulated; a `report` follows. */
  | { kind: 'preview'; id: number; report: Report }
  | { kind: 'report'; id: number; report: Report }
  | { kind: 'edits'; id: number; edits: readonly FileEdit[]; cannot: readonly string[] }
  | { kind: 'imported'; id: number; edits: readonly FileEdit[]; values: number; unmatched: number; text: string; cannot: string | null }
  | { kind: 'recipe'; id: number; text: string | null }
  | { kind: 'loadScript'; id: number; text: string; cannot: string | null }
  /** Markdown. */
  | { kind: 'compared'; id: number; text: string }
  | { kind: 'looked'; id: number; headline: string; text: string }
  | { kind: 'cancelled'; id: number }
  /** Behind a report: more had changed than was said, so it is worth to ask again. */
  | { kind: 'outdated'; id: number }
  | { kind: 'failed'; id: number; why: string };
