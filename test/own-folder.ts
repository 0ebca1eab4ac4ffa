import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder that all processes of a run share; gone after it. */
    ownFolder: string;
  }
}

/** Gives a run a folder for what is built once for all of its processes. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-run-'));
  project.provide('ownFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
