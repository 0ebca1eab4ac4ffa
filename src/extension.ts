import type * as vscode from 'vscode';
import { createParts } from './editor/parts.ts';

export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(...createParts(context));
}
