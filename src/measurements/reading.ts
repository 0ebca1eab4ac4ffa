/** One thing that a file of measurements says, not yet matched to anything. */
export type Sample =
  /** Executions of one statement; `includesNetwork`: as the client saw it, else as the server did. */
  | { kind: 'query'; sql: string; meanMs: number; calls: number; includesNetwork: boolean; load?: ServerLoad }
  /** One run of one statement of which only the plan is known. */
  | { kind: 'plan'; verb: string; table: string; shape: QueryForm; ms: number }
  /** Requests to one route, or to one path where `isPath`. */
  | { kind: 'requests'; method: string; path: string; isPath: boolean; count: number }
  /** Responses to one route under a load; `method` is empty where the tool doesn't say it. */
  | { kind: 'responses'; method: string; path: string; p95Ms: number; count: number; perSecond: number; errorShare: number }
  /** Calls of another server by name and port, as the caller saw them. */
  | { kind: 'call'; host: string; meanMs: number; count: number }
  /** Commands of a store that keeps keys. */
  | { kind: 'command'; engine: string; meanMs: number; count: number }
  | { kind: 'hits'; hits: number; misses: number }
  /** CPU of a whole process and what it answered with it. */
  | { kind: 'cpu'; cpuMs: number; requests: number }
  /** A number by the name that the project gives it. */
  | { kind: 'value'; input: string; value: number; unit?: string; source?: string; perSecond?: number };

/** What a server had to do while a statement was measured. */
export interface ServerLoad {
  seconds: number;
  /** Statements of all kinds that it was at, on average; absent: not told. */
  atOnce?: number;
}

/** What a statement looks for: tells `findOne` from `findMany` where both read one table. */
export type QueryForm = 'one' | 'list' | 'aggregate' | 'write' | 'other';

/** A file of measurements as it was read. */
export interface Reading {
  /** The tool, as people call it: `pg_stat_statements`. */
  tool: string;
  /** When it was measured, where the file says it: ISO 8601. */
  at?: string;
  samples: readonly Sample[];
  /** Parts that were left out, as sentences. */
  skipped: readonly string[];
}

/** `problem`: this is such a file, and yet nothing can be taken from it; one sentence for people, without the file's text. */
export type ReadResult = Reading | { problem: string };

/** Reads one format. Null: the text is none of it. */
export interface Format {
  name: string;
  read(text: string): ReadResult | null;
}

export const isRecord = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null && !Array.isArray(it);
export const amountIn = (it: unknown): number | undefined => (typeof it === 'number' && Number.isFinite(it) && it >= 0 ? it : undefined);

/** JSON, or undefined where it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A time as ISO 8601 to the second; undefined where it is none. */
export function timeOf(it: unknown): string | undefined {
  if (typeof it !== 'string' && typeof it !== 'number') return undefined;
  const time = new Date(it);
  return Number.isNaN(time.getTime()) ? undefined : `${time.toISOString().slice(0, 19)}Z`;
}

/** Method and path of a URL or of a request target, without its query. */
export function pathOf(url: string): string {
  const path = url.replace(/^[a-z][\w+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path === '' ? '/' : path;
}
