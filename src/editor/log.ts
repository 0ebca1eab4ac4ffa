import * as vscode from 'vscode';

/** The output channel. Never shown unasked, never given text from the user's files. */
export type Log = vscode.LogOutputChannel;

export const createLog = (): Log => vscode.window.createOutputChannel('Faultline', { log: true });
