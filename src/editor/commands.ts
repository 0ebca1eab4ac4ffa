import * as vscode from 'vscode';
import { span } from '../model/amounts.ts';
import { rungAt } from '../model/breaking-words.ts';
import { mermaidOf } from '../diagram/mermaid.ts';
import type { Place } from '../model/known.ts';
import { parseLoad } from '../model/load-text.ts';
import { scaffoldOf } from '../scaffold/index.ts';
import { command } from './guard.ts';
import type { Log } from './log.ts';
import type { Panels } from './panel.ts';
import { openPlace } from './places.ts';
import { copyScaffold, runScaffold } from './scaffold-terminal.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

interface Parts {
  context: vscode.ExtensionContext;
  sessions: Sessions;
  panels: Panels;
  documentView: { show(): void };
  log: Log;
}

export function registerCommands({ context, sessions, panels, documentView, log }: Parts): vscode.Disposable {
  const ready = async (): Promise<Session> => {
    const session = await sessions.pick();
    if (!session) throw new Error('open a folder with a Node.js project first');
    await session.begin();
    return session;
  };
  const reported = async () => {
    const session = await ready();
    const report = session.state.report;
    if (!report) throw new Error(session.state.status.kind === 'failed' ? session.state.status.why : 'there is nothing to show yet');
    return { session, report };
  };
  return vscode.Disposable.from(
    command(log, 'faultline.showTopology', async (folder?: string) => {
      const given = sessions.at(folder);
      if (given) sessions.show(given);
      const session = given ?? (await sessions.choose());
      if (!session && sessions.all.length > 0) return;
      panels.show();
      await (session && vscode.window.withProgress({ location: { viewId: 'faultline.components' } }, () => session.begin()));
    }),
    command(log, 'faultline.analyse', async () => {
      const session = await sessions.pick();
      if (!session) throw new Error('open a folder with a Node.js project first');
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: 'Faultline: reading the workspace', cancellable: true },
        async (progress, token) => {
          token.onCancellationRequested(() => session.cancel());
          let reached = 0;
          const listening = session.onDidChange(({ status }) => {
            if (status.kind !== 'analysing' || status.total === 0) return;
            const share = (100 * status.done) / status.total;
            progress.report({ increment: share - reached, message: `${status.done} of ${status.total} files` });
            reached = share;
          });
          await session.analyse();
          listening.dispose();
        },
      );
    }),
    command(log, 'faultline.setTargetLoad', async () => {
      const { session, report } = await reported();
      const value = await vscode.window.showInputBox({
        title: 'Faultline: Set Target Load',
        prompt: 'External requests per second (1000), or a daily volume at its peak: four times the average (10M/day), or as you say (10M/day x6)',
        value: String(report.scenario.targetPerSecond),
        validateInput: (text) => (parseLoad(text) === null ? 'A rate such as 1000, 2.5k, or a daily volume such as 10M/day' : null),
      });
      const target = value === undefined ? null : parseLoad(value);
      if (target === null) return;
      const asked = { targetPerSecond: target, targetSetByUser: true, profile: { kind: 'steady' } } as const;
      panels.asked(session, { ...report.scenario, ...asked });
      await session.ask(asked);
    }),
    command(log, 'faultline.explainVerdict', async () => {
      const { session, report } = await reported();
      const items = [
        { label: report.advice.headline, detail: report.advice.explanation, place: undefined as Place | undefined },
        ...report.outcome.ladder.map((it, index) => ({
          label: `${index + 1}. ${it.label}`,
          description: it.breaksAtPerSecond === null ? '' : `gives way ${rungAt(it, index, report.outcome)}`,
          place: it.places[0],
        })),
        ...report.outcome.decidedBy.map((it) => ({ label: `Assumed: ${it.label}`, description: span(it.low, it.high, it.unit), place: it.places[0] })),
        ...report.outcome.assumptions.map((it) => ({ label: `Assumed: ${it}`, place: undefined })),
      ];
      const chosen = await vscode.window.showQuickPick(items, { title: 'Faultline: Explain Verdict', placeHolder: 'Choose a line to open its place in the code' });
      if (chosen?.place) await openPlace(session.folder, chosen.place);
    }),
    command(log, 'faultline.copyScaffoldCommand', async () => {
      const { report } = await reported();
      const plan = scaffoldOf(report.topology);
      if ('cannot' in plan) throw new Error(plan.cannot);
      const rows = (
        [
          ['npx', plan.npx],
          ['yarn dlx', plan.yarn],
          ['pnpm dlx', plan.pnpm],
        ] as const
      ).map(([label, detail]) => ({ label, detail }));
      const chosen = await vscode.window.showQuickPick(rows, {
        title: 'Faultline: Copy Scaffold Command',
        placeHolder: plan.notExpressible.length > 0 ? `Not expressible: ${plan.notExpressible.join('; ')}` : 'Choose a package manager',
      });
      if (chosen) await copyScaffold(chosen.detail);
    }),
    command(log, 'faultline.runScaffold', async () => {
      const { session, report } = await reported();
      const plan = scaffoldOf(report.topology);
      if ('cannot' in plan) throw new Error(plan.cannot);
      await runScaffold(session, plan, 'npx', context.globalState);
    }),
    command(log, 'faultline.exportMermaid', async () => {
      const { session, report } = await reported();
      await save(session, 'topology.mmd', 'Mermaid', mermaidOf(report.topology, report.outcome));
    }),
    command(log, 'faultline.exportK6', async (target?: vscode.Uri) => {
      const { session } = await reported();
      await save(session, 'load.js', 'k6', await session.loadScript(), target);
    }),
    command(log, 'faultline.exportSvg', async () => {
      const { session } = await reported();
      panels.show(undefined, true);
      const svg = await panels.svg();
      if (svg === null) throw new Error('the panel did not answer; open it with “Faultline: Show Topology” and try again');
      await save(session, 'topology.svg', 'SVG', svg);
    }),
    command(log, 'faultline.showDocument', async () => {
      await ready();
      documentView.show();
    }),
    command(log, 'faultline.openPlace', async (place: Place, folder?: string) => {
      const session = sessions.at(folder) ?? sessions.current;
      if (session && typeof place?.file === 'string') await openPlace(session.folder, place);
    }),
    command(log, 'faultline.showRule', async (rule: string) => {
      if (!/^[a-z-]+$/.test(rule)) return;
      const page = vscode.Uri.joinPath(context.extensionUri, 'dist', 'rules', `${rule}.md`);
      const { all, activeTabGroup } = vscode.window.tabGroups;
      // From the panel it goes to where the code is: a third column would leave room for none of them.
      const isInPanel = activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview && all.length > 1;
      if (isInPanel) await vscode.commands.executeCommand('workbench.action.focusPreviousGroup');
      await vscode.commands.executeCommand(isInPanel ? 'markdown.showPreview' : 'markdown.showPreviewToSide', page);
    }),
    command(log, 'faultline.showOutput', () => log.show()),
  );
}

/** Asks where to, unless the caller says it. */
async function save(session: Session, name: string, kind: string, text: string, given?: vscode.Uri): Promise<void> {
  const target = given ?? (await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(session.folder.uri, name), filters: { [kind]: [name.split('.')[1] as string] } }));
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(target);
}
