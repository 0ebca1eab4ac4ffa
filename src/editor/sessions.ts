import * as vscode from 'vscode';
import type { Log } from './log.ts';
import { Session, type SessionState } from './session.ts';

/** The sessions of all workspace folders, and which of them panel, tree and status bar show. */
export class Sessions implements vscode.Disposable {
  readonly #sessions = new Map<string, Session>();
  readonly #changed = new vscode.EventEmitter<{ session: Session; state: SessionState }>();
  /** Any session has new state. */
  readonly onDidChange = this.#changed.event;
  readonly #currentChanged = new vscode.EventEmitter<Session | undefined>();
  readonly onDidChangeCurrent = this.#currentChanged.event;
  readonly #folders: vscode.Disposable;
  #current: string | null = null;
  readonly #context: vscode.ExtensionContext;
  readonly #log: Log;

  constructor(context: vscode.ExtensionContext, log: Log) {
    this.#context = context;
    this.#log = log;
    for (const folder of vscode.workspace.workspaceFolders ?? []) this.#add(folder);
    this.#folders = vscode.workspace.onDidChangeWorkspaceFolders((change) => {
      for (const folder of change.added) void this.#add(folder).beginOnOpening();
      for (const folder of change.removed) this.#remove(folder);
    });
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get current(): Session | undefined {
    return (this.#current === null ? undefined : this.#sessions.get(this.#current)) ?? this.all[0];
  }

  of(uri: vscode.Uri): Session | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder && this.#sessions.get(folder.uri.toString());
  }

  /** By the folder's address, as commands carry it. */
  at(folder: unknown): Session | undefined {
    return typeof folder === 'string' ? this.#sessions.get(folder) : undefined;
  }

  show(session: Session): void {
    this.#current = session.folder.uri.toString();
    this.#currentChanged.fire(session);
  }

  /** The folder that a command is about: with several that which was chosen before, else the user picks one. Undefined when none is open or nothing is picked. */
  async pick(): Promise<Session | undefined> {
    return (this.#current === null ? undefined : this.#sessions.get(this.#current)) ?? this.choose();
  }

  /** With several folders the user picks one, whichever was chosen before. */
  async choose(): Promise<Session | undefined> {
    if (this.all.length < 2) return this.current;
    const chosen = await vscode.window.showQuickPick(
      this.all.map((session) => ({ label: session.folder.name, description: session.state.report?.advice.headline ?? '', session })),
      { title: 'Faultline: which folder?' },
    );
    if (chosen) this.show(chosen.session);
    return chosen?.session;
  }

  dispose(): void {
    this.#folders.dispose();
    for (const session of this.all) session.dispose();
    this.#changed.dispose();
    this.#currentChanged.dispose();
  }

  #add(folder: vscode.WorkspaceFolder): Session {
    const session = new Session(folder, this.#context, this.#log);
    this.#sessions.set(folder.uri.toString(), session);
    session.onDidChange((state) => this.#changed.fire({ session, state }));
    return session;
  }

  #remove(folder: vscode.WorkspaceFolder): void {
    const session = this.#sessions.get(folder.uri.toString());
    this.#sessions.delete(folder.uri.toString());
    session?.dispose();
    this.#currentChanged.fire(this.current);
  }
}
