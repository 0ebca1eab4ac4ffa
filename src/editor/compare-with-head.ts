import * as vscode from 'vscode';
import { changesSinceHead, gitApi, repositoryOf } from './git-head.ts';
import { command } from './guard.ts';
import type { Log } from './log.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

const SCHEME = 'faultline-compare';

/** “Compare with HEAD”: what the changes since the last commit do, as a document beside the code. Nothing is checked out, and no file is written. */
export function registerCompareWithHead(sessions: Sessions, log: Log): vscode.Disposable {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  });

  const compared = async (session: Session): Promise<string> => {
    await session.begin();
    const { report } = session.state;
    if (!report) throw new Error('there is nothing to compare yet');
    const repository = await repositoryOf(await gitApi(), session.folder);
    const earlier = await changesSinceHead(repository, session.folder);
    return earlier.length === 0 ? '### No file has changed since HEAD\n' : session.compare(earlier);
  };

  return vscode.Disposable.from(
    changed,
    provider,
    command(log, 'faultline.compareWithHead', async () => {
      const session = await sessions.pick();
      if (!session) throw new Error('open a folder with a Node.js project first');
      // In the status bar: it takes a second, and nobody has to wait for it.
      const text = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Faultline: comparing with HEAD' }, () => compared(session));
      const uri = vscode.Uri.from({ scheme: SCHEME, authority: 'head', path: `/${session.folder.name} compared with HEAD.md`, query: session.folder.uri.toString() });
      texts.set(uri.toString(), text);
      changed.fire(uri);
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    }),
  );
}
