import * as vscode from 'vscode';
import type { Log } from './log.ts';

/** Registers a command whose failure is told to the user once, with the details in the output channel. */
export function command<A extends unknown[]>(log: Log, id: string, run: (...args: A) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (...args: A): Promise<unknown> => {
    try {
      return await run(...args);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.error(`${id}: ${error instanceof Error ? (error.stack ?? why) : why}`);
      void vscode.window.showErrorMessage(`Faultline: ${why}`, 'Show Output').then((chosen) => chosen && log.show(true));
      return undefined;
    }
  });
}
