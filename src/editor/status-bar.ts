import * as vscode from 'vscode';
import { answerOf, isWide } from '../model/answer.ts';
import { breakingAt, isAssumed } from '../model/breaking-words.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Sessions } from './sessions.ts';

const ICON: Record<Outcome['verdict'], string> = { holds: 'pass', tight: 'warning', unknown: 'question', fails: 'error' };

/** One number; hidden until there is a verdict. */
export function registerStatusBar(sessions: Sessions): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('faultline.verdict', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Faultline';
  item.command = 'faultline.showTopology';
  const update = (): void => {
    const report = sessions.current?.state.report;
    if (!report || report.outcome.silentBecause !== null || report.topology.components.length === 0) {
      item.hide();
      return;
    }
    const verdict = answerOf(report.scenario, report.outcome);
    const number =
      report.scenario.profile.kind === 'spike' && report.outcome.spike
        ? `spike ${verdict === 'holds' ? 'passes' : verdict === 'fails' ? 'fails' : 'undecided'}`
        : limitText(report.outcome);
    item.text = `$(${ICON[verdict]}) ${number}`;
    const where = sessions.all.length > 1 ? `${escaped(sessions.current?.folder.name ?? '')}: ` : '';
    item.tooltip = new vscode.MarkdownString(`${where}**${escaped(report.advice.headline)}**\n\n${escaped(report.advice.explanation)}`);
    item.accessibilityInformation = { label: `Faultline: ${report.advice.headline}` };
    item.show();
  };
  update();
  return vscode.Disposable.from(item, sessions.onDidChange(update), sessions.onDidChangeCurrent(update));
}

function limitText(outcome: Outcome): string {
  const { breaksAtPerSecond: it } = outcome;
  return it.value === null && !isWide(it) ? 'no limit found' : `breaks ${breakingAt(it, isAssumed(outcome))}`;
}

const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|<>]/g, '\\$&');
