/** One file of a workspace, as the walk saw it. */
export interface FileEntry {
  /** Relative to the root, forward slashes. */
  path: string;
  bytes: number;
  modifiedMs: number;
}

/** A file that could not be taken; `message` is for people and never quotes the file. */
export interface FileProblem {
  file: string;
  message: string;
}

/**
 * The only door to files. Implementations: `inference/node-workspace.ts` (disk) and in-memory ones in tests.
 * Symbolic links are not followed out of the root, and never in circles.
 */
export interface Workspace {
  /** Absolute path or URI for messages; never used to read. */
  readonly root: string;
  /** All files that may matter, without `node_modules`, build output, VCS folders and what `.gitignore` of the root hides; sorted by path. */
  list(): Promise<{ files: readonly FileEntry[]; problems: readonly FileProblem[] }>;
  /** Text of a file, or why it can't be had (too big, binary, gone). `mayPass`: it may be readable later, though size and time stay. */
  read(path: string): Promise<{ text: string } | { problem: string; mayPass?: true }>;
}
