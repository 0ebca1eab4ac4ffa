import * as vscode from 'vscode';

/** The part of the built-in Git extension's API (version 1, extensions/git/src/api/git.d.ts) that is used here. */
interface GitApi {
  getRepository(uri: vscode.Uri): GitRepository | null;
  /** Newer than the rest. */
  openRepository?(root: vscode.Uri): Promise<GitRepository | null>;
}

interface GitChange {
  uri: vscode.Uri;
  originalUri: vscode.Uri;
  renameUri: vscode.Uri | undefined;
}

interface GitRepository {
  state: { HEAD: { commit?: string } | undefined; workingTreeChanges: readonly GitChange[]; untrackedChanges?: readonly GitChange[] };
  status(): Promise<void>;
  diffWithHEAD(): Promise<GitChange[]>;
  show(ref: string, path: string): Promise<string>;
}

/** More changed files than anybody reviews at once. */
const MOST_FILES = 1000;
const AT_ONCE = 8;

/** The editor's own Git. Throws with a sentence for people where it is switched off or missing. */
export async function gitApi(): Promise<GitApi> {
  const extension = vscode.extensions.getExtension('vscode.git');
  if (!extension) throw new Error('the editor’s Git extension is missing');
  const git = (extension.isActive ? extension.exports : await extension.activate()) as { enabled: boolean; getAPI(version: 1): GitApi };
  if (!git.enabled) throw new Error('Git is switched off in this editor (setting git.enabled)');
  return git.getAPI(1);
}

/** The repository that a folder lies in; one with a commit. */
export async function repositoryOf(api: GitApi, folder: vscode.WorkspaceFolder): Promise<GitRepository> {
  // Git looks for repositories in its own time after the start.
  const repository = api.getRepository(folder.uri) ?? (await api.openRepository?.(folder.uri)) ?? null;
  if (!repository) throw new Error(`${folder.name} lies in no Git repository`);
  await repository.status();
  if (!repository.state.HEAD?.commit) throw new Error('this repository has no commit yet');
  return repository;
}

/** Each file of the folder that differs from HEAD, with its text there; null: HEAD does not have it. What Git ignores counts as it is. */
export async function changesSinceHead(repository: GitRepository, folder: vscode.WorkspaceFolder): Promise<[file: string, text: string | null][]> {
  const { workingTreeChanges, untrackedChanges = [] } = repository.state;
  // Only the state knows of files that were never added.
  const changes = [...(await repository.diffWithHEAD()), ...workingTreeChanges, ...untrackedChanges];
  const uris = new Map(changes.flatMap((it) => [it.uri, it.originalUri, it.renameUri ?? it.uri]).map((it) => [it.toString(), it]));
  const root = `${folder.uri.path}/`;
  const inside = [...uris.values()].filter((it) => it.path.startsWith(root));
  if (inside.length > MOST_FILES) throw new Error(`${inside.length} files differ from HEAD: too many to compare`);
  const found: [string, string | null][] = [];
  for (let at = 0; at < inside.length; at += AT_ONCE)
    found.push(
      ...(await Promise.all(
        inside.slice(at, at + AT_ONCE).map(async (it): Promise<[string, string | null]> => {
          // Git refuses to show what HEAD does not have.
          const text = await repository.show('HEAD', it.fsPath).catch(() => null);
          return [it.path.slice(root.length), text];
        }),
      )),
    );
  return found;
}
