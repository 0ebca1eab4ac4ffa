import type { Finding } from '../model/advice.ts';
import { fingerprintOf } from '../model/digest.ts';

/** One finding as lists show it. What the editor folds into another one is a row of its own. */
export interface FindingRow extends Pick<Finding, 'rule' | 'severity' | 'message' | 'place' | 'related' | 'remedies'> {
  /** What it is about, without numbers. */
  subject: string;
  /** The same finding of another commit has the same one: its line, its numbers and what it was folded into may have moved. */
  fingerprint: string;
  /** Place in the list of findings, and among the ones folded into that (-1: the finding itself). */
  at: readonly [finding: number, folded: number];
}

/** All findings of a report, folded ones behind the one that leads them. */
export function findingRows(findings: readonly Finding[]): FindingRow[] {
  const rows = findings.flatMap((it, index) => [
    { ...it, subject: it.subject ?? nameless(it.message), at: [index, -1] as const },
    ...it.folded.map((row, within) => ({
      rule: row.rule,
      severity: row.severity ?? it.severity,
      message: row.message,
      place: row.place,
      related: [],
      remedies: [],
      subject: row.subject ?? nameless(row.message),
      at: [index, within] as const,
    })),
  ]);
  // Twins in one file are told apart by their order in it, which survives a move of their lines.
  const twins = new Map<string, { at: readonly [number, number]; line: number }[]>();
  const keyOf = (it: { rule: string; place: { file: string }; subject: string }): string => `${it.rule}\n${it.place.file}\n${it.subject}`;
  for (const it of rows) twins.set(keyOf(it), [...(twins.get(keyOf(it)) ?? []), { at: it.at, line: it.place.line }]);
  return rows.map(({ rule, severity, message, place, related, remedies, subject, at }) => {
    const key = keyOf({ rule, place, subject });
    const order = [...(twins.get(key) ?? [])].sort((a, b) => a.line - b.line).findIndex((it) => it.at === at);
    return { rule, severity, message, place, related, remedies, subject, at, fingerprint: fingerprintOf(`${key}\n${order}`) };
  });
}

/** Findings that a baseline does not have, folded ones like all others; without a baseline, all of them. */
export const newRows = (findings: readonly Finding[], baseline: ReadonlySet<string> | null): FindingRow[] => findingRows(findings).filter((it) => !baseline?.has(it.fingerprint));

/** Fingerprints of what an earlier `check --format json` told, folded findings too; a sentence where it can't be taken as one. */
export function fingerprintsIn(baseline: unknown): Set<string> | string {
  const findings = (baseline as { findings?: unknown } | null)?.findings;
  if (!Array.isArray(findings)) return 'expected the output of check --format json';
  const rows: { fingerprint?: unknown }[] = findings.flatMap((it: { folded?: unknown } | null) => [it ?? {}, ...(Array.isArray(it?.folded) ? it.folded : [])]);
  const prints = rows.map((it) => it.fingerprint);
  return prints.every((it) => typeof it === 'string') ? new Set(prints) : 'its findings have no fingerprints: make it anew with this version';
}

const nameless = (message: string): string => message.replace(/[\d.,]+/g, '#');
