import * as vscode from 'vscode';
import { shareOf } from '../diagram/load.ts';
import { duration, flow } from '../model/amounts.ts';
import type { Finding } from '../model/advice.ts';
import { answerOf } from '../model/answer.ts';
import type { Place } from '../model/known.ts';
import type { Component, Endpoint } from '../model/topology.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** The graph as a list: the accessible twin of the canvas. */
type Node =
  | { kind: 'headline'; session: Session }
  | { kind: 'component'; session: Session; component: Component }
  | { kind: 'endpoint'; session: Session; endpoint: Endpoint }
  | { kind: 'finding'; session: Session; finding: Finding };

const ICONS: Partial<Record<Component['kind'], string>> = {
  gateway: 'globe',
  service: 'server-process',
  worker: 'gear',
  frontend: 'browser',
  scheduler: 'watch',
  database: 'database',
  cache: 'zap',
  queue: 'list-ordered',
  topic: 'list-ordered',
  search: 'search',
  'object-store': 'archive',
  'external-api': 'cloud',
  observability: 'pulse',
};

const VERDICT_ICONS = { holds: 'pass', tight: 'warning', unknown: 'question', fails: 'error' } as const;

export function registerTree(sessions: Sessions): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<Node> = { onDidChangeTreeData: changed.event, getChildren: (node) => childrenOf(sessions, node), getTreeItem: itemOf };
  const view = vscode.window.createTreeView('faultline.components', { treeDataProvider: provider, showCollapseAll: true });
  const update = (): void => {
    const state = sessions.current?.state;
    void vscode.commands.executeCommand('setContext', 'faultline.state', state?.status.kind ?? 'none');
    view.message =
      state?.status.kind === 'analysing' || state?.status.kind === 'advising'
        ? state.report
          ? 'Simulating what each fix would bring…'
          : 'Reading the workspace…'
        : state?.status.kind === 'failed'
          ? `The analysis failed: ${state.status.why}`
          : state?.status.kind === 'empty'
            ? `${state.status.why} ${state.status.next}`
            : undefined;
    changed.fire(undefined);
  };
  update();
  return vscode.Disposable.from(view, changed, sessions.onDidChange(update), sessions.onDidChangeCurrent(update));
}

function childrenOf(sessions: Sessions, node: Node | undefined): Node[] {
  if (!node) return sessions.all.length > 1 ? sessions.all.flatMap((it) => rootsOf(it)) : sessions.current ? rootsOf(sessions.current) : [];
  const report = node.session.state.report;
  if (!report || node.kind !== 'component') return [];
  const { session, component } = node;
  return [
    ...report.advice.findings.filter((it) => it.component === component.id).map((finding): Node => ({ kind: 'finding', session, finding })),
    ...report.topology.endpoints.filter((it) => it.component === component.id).map((endpoint): Node => ({ kind: 'endpoint', session, endpoint })),
  ];
}

function rootsOf(session: Session): Node[] {
  const report = session.state.report;
  if (!report || report.topology.components.length === 0) return [];
  return [{ kind: 'headline', session }, ...report.topology.components.filter((it) => it.scope !== 'dev').map((component): Node => ({ kind: 'component', session, component }))];
}

function itemOf(node: Node): vscode.TreeItem {
  const report = node.session.state.report;
  switch (node.kind) {
    case 'headline': {
      const item = new vscode.TreeItem(report?.advice.headline ?? '', vscode.TreeItemCollapsibleState.None);
      item.tooltip = report?.advice.explanation;
      item.iconPath = new vscode.ThemeIcon(report ? VERDICT_ICONS[answerOf(report.scenario, report.outcome)] : 'info');
      const { folder } = node.session;
      if ((vscode.workspace.workspaceFolders?.length ?? 0) > 1) item.description = folder.name;
      item.command = { command: 'faultline.showTopology', title: 'Show Topology', arguments: [folder.uri.toString()] };
      return item;
    }
    case 'component': {
      const { component } = node;
      const inside =
        (report?.topology.endpoints.some((it) => it.component === component.id) ?? false) || (report?.advice.findings.some((it) => it.component === component.id) ?? false);
      const item = new vscode.TreeItem(component.name, inside ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
      const busiest = report?.outcome.stations.filter((it) => it.component === component.id).sort((a, b) => b.utilisation - a.utilisation)[0];
      const share = report && busiest ? shareOf(busiest, report.outcome) : '';
      item.description = [component.technology, share && `${share} busy`, component.scope === 'optional' && 'optional'].filter(Boolean).join(' · ');
      item.iconPath = new vscode.ThemeIcon(ICONS[component.kind] ?? 'circle-outline');
      item.accessibilityInformation = { label: `${component.kind} ${component.name}, ${item.description}` };
      return openable(node.session, item, component.places[0]);
    }
    case 'endpoint': {
      const { endpoint } = node;
      const outcome = report?.outcome.endpoints.find((it) => it.id === endpoint.id);
      const item = new vscode.TreeItem(endpoint.id.slice(endpoint.component.length + 1), vscode.TreeItemCollapsibleState.None);
      item.description =
        endpoint.role === 'excluded'
          ? 'takes no load'
          : outcome
            ? `${flow(outcome.offeredPerSecond)} · ${outcome.latencyMs ? `p95 ${duration(outcome.latencyMs.p95)}` : 'no steady state'}`
            : '';
      item.iconPath = new vscode.ThemeIcon(endpoint.trigger.kind === 'http' ? 'symbol-event' : endpoint.trigger.kind === 'message' ? 'mail' : 'watch');
      return openable(node.session, item, endpoint.place);
    }
    case 'finding': {
      const { finding } = node;
      const item = new vscode.TreeItem(finding.message, vscode.TreeItemCollapsibleState.None);
      item.tooltip = finding.message;
      item.iconPath = new vscode.ThemeIcon(finding.severity === 'warning' ? 'warning' : finding.severity === 'information' ? 'info' : 'lightbulb');
      return openable(node.session, item, finding.place);
    }
  }
}

function openable({ folder }: Session, item: vscode.TreeItem, place: Place | undefined): vscode.TreeItem {
  if (place?.file) item.command = { command: 'faultline.openPlace', title: 'Open', arguments: [place, folder.uri.toString()] };
  return item;
}
