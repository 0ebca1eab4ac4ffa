import * as vscode from 'vscode';
import type { Finding } from '../model/advice.ts';
import { allFindings } from '../model/readiness.ts';
import type { Session } from './session.ts';

export const READINESS_SETTING = 'faultline.readiness.diagnostics';

/** What stands at lines of the editor, with its actions: the findings, and items of the readiness list where the user asked for them. */
export function shownFindings({ state: { report } }: Session): readonly Finding[] {
  if (!report) return [];
  return vscode.workspace.getConfiguration().get(READINESS_SETTING, false) ? allFindings(report.advice) : report.advice.findings;
}
