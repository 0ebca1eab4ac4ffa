import * as vscode from 'vscode';
import type { Finding } from '../model/advice.ts';
import type { Session } from './session.ts';

export const READINESS_SETTING = 'faultline.readiness.diagnostics';

/** What stands at lines of the editor, with its actions: the findings, and items of the readiness list where the user asked for them. */
export function shownFindings({ state: { report } }: Session): readonly Finding[] {
  if (!report) return [];
  const { findings, readiness = [] } = report.advice;
  if (readiness.length === 0 || !vscode.workspace.getConfiguration().get(READINESS_SETTING, false)) return findings;
  return [
    ...findings,
    ...readiness.map((it): Finding => ({ ...it, id: `${it.rule} ${it.component} ${it.place.file}:${it.place.line}`, severity: 'hint', related: [], folded: [] })),
  ];
}
