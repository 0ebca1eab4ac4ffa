import type * as vscode from 'vscode';
import { createParts, type FaultlineApi } from './editor/parts.ts';

export type { FaultlineApi };

export function activate(context: vscode.ExtensionContext): FaultlineApi {
  const { parts, api } = createParts(context);
  context.subscriptions.push(...parts);
  return api;
}
