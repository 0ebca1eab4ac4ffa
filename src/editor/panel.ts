import * as vscode from 'vscode';
import { applyChanges } from '../model/change.ts';
import { allFindings } from '../model/readiness.ts';
import type { Scenario } from '../model/scenario.ts';
import type { HostMessage, PanelState, ScaffoldView, WebviewMessage } from '../protocol.ts';
import { isWebviewMessage } from '../protocol.ts';
import { type ScaffoldPlan, scaffoldOf, scaffoldWith } from '../scaffold/index.ts';
import type { Log } from './log.ts';
import { copyRecipe } from './measuring.ts';
import { openPlace } from './places.ts';
import type { EditWriter } from './preview.ts';
import { copyScaffold, runScaffold } from './scaffold-terminal.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { webviewHtml } from './webview-html.ts';

export const PANEL_TYPE = 'faultline.topology';

/** The topology panel: at most one, beside the code, restored after a reload. */
export class Panels implements vscode.Disposable {
  #panel: vscode.WebviewPanel | null = null;
  readonly #parts: vscode.Disposable[];
  #svgRequests = new Map<number, (svg: string) => void>();
  #nextRequest = 1;
  readonly #context: vscode.ExtensionContext;
  readonly #sessions: Sessions;
  readonly #log: Log;
  readonly #writer: EditWriter;

  constructor(context: vscode.ExtensionContext, sessions: Sessions, writer: EditWriter, log: Log) {
    this.#writer = writer;
    this.#context = context;
    this.#sessions = sessions;
    this.#log = log;
    this.#parts = [
      sessions.onDidChange(({ session }) => session === sessions.current && this.#snapshot()),
      sessions.onDidChangeCurrent(() => this.#snapshot()),
      vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
        deserializeWebviewPanel: async (panel, _state: PanelState | undefined) => {
          this.#adopt(panel);
          await sessions.current?.beginOnOpening();
        },
      }),
    ];
  }

  show(column: vscode.ViewColumn = vscode.ViewColumn.Beside, preserveFocus = false): void {
    if (this.#panel) this.#panel.reveal(undefined, preserveFocus);
    else this.#adopt(vscode.window.createWebviewPanel(PANEL_TYPE, 'Faultline Topology', { viewColumn: column, preserveFocus }, this.#options()));
  }

  /** Lets the panel answer a question that was asked elsewhere, while the host still works on it. */
  asked(session: Session, scenario: Scenario): void {
    if (session === this.#sessions.current) void this.#panel?.webview.postMessage({ kind: 'asked', scenario } satisfies HostMessage);
  }

  /** The canvas as a picture; null when no panel is open or it does not answer. */
  svg(): Promise<string | null> {
    const panel = this.#panel;
    if (!panel) return Promise.resolve(null);
    const requestId = this.#nextRequest++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), 5000);
      this.#svgRequests.set(requestId, (svg) => {
        clearTimeout(timer);
        resolve(svg);
      });
      void panel.webview.postMessage({ kind: 'requestSvg', requestId } satisfies HostMessage);
    });
  }

  dispose(): void {
    this.#panel?.dispose();
    for (const part of this.#parts) part.dispose();
  }

  #options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#context.extensionUri, 'dist')] };
  }

  #adopt(panel: vscode.WebviewPanel): void {
    // A reload can bring back a panel beside one that was opened at the start.
    this.#panel?.dispose();
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.#context.extensionUri, 'media', 'icon.svg');
    panel.webview.options = this.#options();
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = null;
    });
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isWebviewMessage(message)) return this.#log.warn('the panel sent a message that is not understood');
      void this.#receive(message).catch((error: unknown) => this.#refuse(message, error));
    });
    panel.webview.html = webviewHtml(panel.webview, this.#context.extensionUri, 'webview', 'Faultline Topology', false);
  }

  #snapshot(): void {
    const panel = this.#panel;
    if (!panel) return;
    const session = this.#sessions.current;
    const report = session?.state.report ?? null;
    const message: HostMessage = {
      kind: 'snapshot',
      workspace: session?.folder.name ?? '',
      status: session?.state.status ?? { kind: 'empty', why: 'No folder is open.', next: 'Open a folder with a Node.js project.' },
      report,
      scaffold: report ? viewOf(scaffoldOf(report.topology)) : null,
      canRunScaffold: vscode.workspace.isTrusted,
    };
    void panel.webview.postMessage(message);
  }

  async #receive(message: WebviewMessage): Promise<void> {
    const session = this.#sessions.current;
    switch (message.kind) {
      case 'ready':
        return this.#snapshot();
      case 'violation':
        return this.#log.error(`content security policy: ${message.directive} blocked ${message.blocked}`);
      case 'openDocument':
        await vscode.commands.executeCommand('faultline.showDocument');
        return;
      case 'analyse':
        await vscode.commands.executeCommand('faultline.analyse');
        return;
      case 'showRule':
        await vscode.commands.executeCommand('faultline.showRule', message.rule);
        return;
      case 'svg':
        this.#svgRequests.get(message.requestId)?.(message.svg);
        this.#svgRequests.delete(message.requestId);
        return;
      case 'copyText':
        await vscode.env.clipboard.writeText(message.text);
        return this.#reply(message.requestId);
    }
    if (!session?.state.report) return;
    switch (message.kind) {
      case 'openPlace':
        return openPlace(session.folder, message.place);
      case 'setScenario':
        return session.ask(message.scenario);
      case 'setDeployment':
        return session.choose(message.deployment);
      case 'applyRemedy': {
        const { advice } = session.state.report;
        const remedy = [...allFindings(advice), ...(advice.followUps ?? [])].find((it) => it.id === message.finding)?.remedies.find((it) => it.id === message.remedy);
        if (!remedy?.edit) throw new Error('this remedy has no edit');
        await this.#apply(session, await session.edits({ kind: 'edits', calls: [remedy.edit] }), remedy.title);
        return this.#reply(message.requestId);
      }
      case 'applyChanges':
        await this.#apply(session, await session.edits({ kind: 'editsForChanges', changes: message.changes }), 'What-if');
        return this.#reply(message.requestId);
      case 'measure':
        await copyRecipe(session, message.input);
        return this.#reply(message.requestId);
      case 'scaffold': {
        const plan = scaffoldWith(applyChanges(session.state.report.topology, message.changes), message.lab);
        const view = viewOf(plan);
        if (!view || 'cannot' in plan) throw new Error('cannot' in plan ? plan.cannot : 'no scaffold command');
        if (message.action === 'copy') await copyScaffold(view[message.manager]);
        if (message.action === 'run') await runScaffold(session, plan, message.manager, this.#context.globalState);
        return this.#reply(message.requestId, undefined, view);
      }
    }
  }

  async #apply(session: Session, made: Awaited<ReturnType<Session['edits']>>, label: string): Promise<void> {
    if (made.edits.length === 0) throw new Error(made.cannot[0] ?? 'nothing to edit');
    if (!(await this.#writer.write(session.folder, made.edits, label))) throw new Error('discarded; nothing was changed');
    if (made.cannot.length > 0) void vscode.window.showInformationMessage(`Faultline: not written: ${made.cannot.join('; ')}`);
  }

  #reply(requestId: number, error?: string, scaffold?: ScaffoldView): void {
    void this.#panel?.webview.postMessage({
      kind: 'reply',
      requestId,
      ok: error === undefined,
      ...(error !== undefined && { error }),
      ...(scaffold && { scaffold }),
    } satisfies HostMessage);
  }

  #refuse(message: WebviewMessage, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#log.error(`${message.kind}: ${why}`);
    if ('requestId' in message) this.#reply(message.requestId, why);
    else void vscode.window.showErrorMessage(`Faultline: ${why}`);
  }
}

export function viewOf(plan: ScaffoldPlan): ScaffoldView | null {
  return 'cannot' in plan ? null : { npx: plan.npx, yarn: plan.yarn, pnpm: plan.pnpm, notExpressible: plan.notExpressible, notices: plan.notices, lab: plan.lab };
}
