import { exact } from '../model/amounts.ts';
import * as vscode from 'vscode';
import type { Report } from '../model/advice.ts';
import type { Change } from '../model/change.ts';
import type { Scenario } from '../model/scenario.ts';
import type { RecipeCall } from '../model/weakness.ts';
import type { Status } from '../protocol.ts';
import { AnalysisClient, Cancelled } from './analysis-client.ts';
import type { Log } from './log.ts';

const SOURCES = '**/*.{ts,tsx,js,jsx,mts,cts,mjs,cjs}';
const LARGE_WORKSPACE_FILES = 2000;
const SETTLE_MS = 250;
/** Beyond so many files that were written, looking through the folder takes no longer. */
const MOST_TOLD = 500;
/** Each progress message repaints panel and tree. */
const PROGRESS_MS = 150;

/** What to put into code. */
type Wanted = { kind: 'edits'; calls: readonly RecipeCall[] } | { kind: 'editsForChanges'; changes: readonly Change[] };

/** What every part of the editor shows about one folder. */
export interface SessionState {
  status: Status;
  report: Report | null;
}

/**
 * The analysis of one workspace folder over its lifetime: runs it when files change, keeps the user's question
 * (target, deployment), and tells its listeners. At most one run is under way; a newer one cancels it.
 */
export class Session implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<SessionState>();
  readonly onDidChange = this.#changed.event;
  readonly #client: AnalysisClient;
  readonly #watcher: vscode.FileSystemWatcher;
  #state: SessionState = { status: { kind: 'idle' }, report: null };
  #scenario: Partial<Scenario>;
  /** The question that the report answers. */
  #answered: Partial<Scenario> | null = null;
  #deployment: string | null;
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Only the newest question's answer is shown. */
  #turn = 0;
  #started = false;
  #progressAt = 0;
  /** Files that were written since the last analysis was asked for; null where some came or went too. */
  #written: Set<string> | null = null;

  readonly folder: vscode.WorkspaceFolder;
  readonly #context: vscode.ExtensionContext;
  readonly #log: Log;

  constructor(folder: vscode.WorkspaceFolder, context: vscode.ExtensionContext, log: Log) {
    this.folder = folder;
    this.#context = context;
    this.#log = log;
    this.#client = new AnalysisClient(vscode.Uri.joinPath(context.extensionUri, 'dist', 'analysis-worker.js').fsPath, () => {
      this.#written = null;
      this.#soon();
    });
    this.#scenario = context.workspaceState.get<Partial<Scenario>>(this.#key('scenario'), {});
    this.#deployment = context.workspaceState.get<string | null>(this.#key('deployment'), null);
    this.#watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '**/*'));
    const moved = (uri: vscode.Uri, isThere: boolean): void => {
      const path = this.#pathOf(uri);
      if (isThere) this.#written?.add(path);
      else this.#written = null;
      if (this.#started && matters(path)) this.#soon();
    };
    this.#watcher.onDidChange((uri) => moved(uri, true));
    this.#watcher.onDidCreate((uri) => moved(uri, false));
    this.#watcher.onDidDelete((uri) => moved(uri, false));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Analyses unless it has begun already; while the workspace is read for the first time, waits for what there is to show. */
  async begin(): Promise<void> {
    if (!this.#started) return this.analyse();
    const isReading = ({ status, report }: SessionState): boolean => status.kind === 'analysing' && !report;
    if (!isReading(this.#state)) return;
    await new Promise<void>((resolve) => {
      const listening = this.onDidChange((state) => {
        if (isReading(state)) return;
        listening.dispose();
        resolve();
      });
    });
  }

  /** The same when the editor opens, which nobody asked for: there a large workspace without cached facts waits. */
  async beginOnOpening(): Promise<void> {
    if (this.#started) return;
    const found = await vscode.workspace.findFiles(new vscode.RelativePattern(this.folder, SOURCES), '**/node_modules/**', LARGE_WORKSPACE_FILES + 1);
    if (this.#started) return;
    if (found.length > LARGE_WORKSPACE_FILES && !this.#context.workspaceState.get(this.#key('analysed'), false)) {
      this.#show({
        status: {
          kind: 'empty',
          why: `This folder has more than ${exact(LARGE_WORKSPACE_FILES)} source files.`,
          next: 'It is read once when you ask for it; after that only changed files are.',
          isUnread: true,
        },
        report: null,
      });
      return;
    }
    await this.begin();
  }

  /** Looks through the folder, reads what has changed and judges anew. Errors become the state `failed`, never an exception. */
  async analyse(): Promise<void> {
    this.#written = null;
    await this.#analyse();
  }

  async #analyse(): Promise<void> {
    const changed = this.#written && this.#written.size <= MOST_TOLD ? [...this.#written] : null;
    this.#written = new Set();
    this.#started = true;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const turn = ++this.#turn;
    const scenario = this.#scenario;
    this.#show({ status: { kind: 'analysing', done: 0, total: 0 }, report: this.#state.report });
    try {
      const root = this.folder.uri;
      if (root.scheme !== 'file') throw new Error('Faultline reads folders on this machine only');
      const report = await this.#client.report(
        { kind: 'analyse', root: root.fsPath, cacheFolder: this.#context.storageUri?.fsPath ?? null, scenario, deployment: this.#deployment, changed },
        {
          progress: (done, total) => turn === this.#turn && this.#progress(done, total),
          // Later runs keep the old findings in sight until the new ones are there.
          preview: (report) => turn === this.#turn && !this.#state.report && report.topology.components.length > 0 && this.#show({ status: { kind: 'advising' }, report }),
        },
        abort.signal,
      );
      if (turn !== this.#turn) return;
      this.#log.info(
        `${this.folder.name}: ${report.topology.components.length} components, ${report.read.files} files, ${report.read.parsed} read anew, ${Math.round(report.read.ms)} ms`,
      );
      for (const problem of report.topology.problems) this.#log.info(`${problem.file}:${problem.line} ${problem.message}`);
      await this.#context.workspaceState.update(this.#key('analysed'), true);
      this.#answered = scenario;
      this.#show({ status: statusOf(report), report });
      if (this.#abort === abort) this.#abort = null;
      await this.#askWhatWaits();
    } catch (error) {
      if (turn !== this.#turn || error instanceof Cancelled) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#log.error(why);
      this.#show({ status: { kind: 'failed', why: why.split('\n')[0] ?? why }, report: this.#state.report });
    } finally {
      if (this.#abort === abort) this.#abort = null;
    }
  }

  cancel(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#turn += 1;
    this.#show({
      ...this.#state,
      status: this.#state.report
        ? statusOf(this.#state.report)
        : { kind: 'empty', why: 'The analysis was cancelled.', next: 'Services and limits are shown once the workspace has been read to its end.', isUnread: true },
    });
    void this.#askWhatWaits();
  }

  /** Puts another question to the same topology; kept for the next opening of the workspace. */
  async ask(scenario: Partial<Scenario>): Promise<void> {
    this.#scenario = { ...this.#scenario, ...scenario };
    await this.#context.workspaceState.update(this.#key('scenario'), this.#scenario);
    // While the workspace is read its answer comes first: the question would be about what it was before.
    if (!this.#state.report || this.#abort) return;
    const turn = ++this.#turn;
    const asked = this.#scenario;
    try {
      const report = await this.#client.report({ kind: 'judge', scenario: asked });
      if (turn !== this.#turn) return;
      this.#answered = asked;
      this.#show({ status: statusOf(report), report });
    } catch (error) {
      this.#log.error(error instanceof Error ? error.message : String(error));
      // A worker that has stopped took what it had read with it.
      if (turn === this.#turn) await this.analyse();
    }
  }

  /** What was asked while the workspace was read. */
  async #askWhatWaits(): Promise<void> {
    if (this.#state.report && this.#answered !== this.#scenario) await this.ask({});
  }

  async choose(deployment: string): Promise<void> {
    this.#deployment = deployment;
    await this.#context.workspaceState.update(this.#key('deployment'), deployment);
    await this.analyse();
  }

  /** Edits of the texts that the editor shows, saved or not. */
  edits = (request: Wanted): ReturnType<AnalysisClient['edits']> => this.#client.edits({ ...request, unsaved: this.#unsaved() });
  imports: AnalysisClient['imports'] = (files) => this.#client.imports(files);
  compare: AnalysisClient['compare'] = (files) => this.#client.compare(files);
  loadScript: AnalysisClient['loadScript'] = () => this.#client.loadScript();
  /** Another project under the question that is asked here. */
  look = (root: string, name: string, left: readonly string[]): ReturnType<AnalysisClient['look']> =>
    this.#client.look({ kind: 'look', root, name, left, scenario: this.#scenario });
  recipe: AnalysisClient['recipe'] = (input) => this.#client.recipe(input);

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#watcher.dispose();
    this.#client.dispose();
    this.#changed.dispose();
  }

  #unsaved(): Map<string, string> {
    const dirty = vscode.workspace.textDocuments.filter((it) => it.isDirty && it.uri.scheme === 'file');
    return new Map(
      dirty.flatMap((it): [string, string][] =>
        vscode.workspace.getWorkspaceFolder(it.uri)?.uri.toString() === this.folder.uri.toString() ? [[this.#pathOf(it.uri), it.getText()]] : [],
      ),
    );
  }

  #pathOf(uri: vscode.Uri): string {
    return uri.path.slice(this.folder.uri.path.length + 1);
  }

  #progress(done: number, total: number): void {
    const now = Date.now();
    if (now - this.#progressAt < PROGRESS_MS && done < total) return;
    this.#progressAt = now;
    this.#show({ status: { kind: 'analysing', done, total }, report: this.#state.report });
  }

  #soon(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#analyse(), SETTLE_MS);
  }

  #show(state: SessionState): void {
    this.#state = state;
    this.#changed.fire(state);
  }

  #key(what: string): string {
    return `${what} ${this.folder.uri.toString()}`;
  }
}

/** What is said of the folder as a whole stands here. */
const FOLDER = '.';

function statusOf(report: Report): Status {
  if (report.topology.components.length > 0) return { kind: 'ready' };
  const { problems } = report.topology;
  const unreadable = problems.filter((it) => it.file !== FOLDER).length;
  return {
    kind: 'empty',
    why: problems.find((it) => it.file === FOLDER)?.message ?? 'No services were found in this folder.',
    next: unreadable > 0 ? `${unreadable === 1 ? '1 file' : `${unreadable} files`} could not be read: see below.` : 'Open a folder with a package.json or a compose file.',
  };
}

/** Files whose change can move the topology. */
function matters(path: string): boolean {
  if (/(^|\/)(node_modules|\.git|dist|build|coverage)\//.test(path)) return false;
  return /\.(m?[jt]sx?|c[jt]s|json|ya?ml|conf|template|ini|prisma|sql|tf|caddyfile|caddy)$|(^|\/)(\.env[^/]*|Dockerfile[^/]*|Caddyfile[^/]*|Procfile|bin\/[\w-]+)$/.test(path);
}
