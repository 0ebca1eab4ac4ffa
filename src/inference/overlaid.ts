import type { Workspace } from '../workspace.ts';

/** A workspace as it would be with other texts of some files (null: without the file). Its files have stamps that no file on disk has. */
export function overlaid(workspace: Workspace, texts: ReadonlyMap<string, string | null>): Workspace {
  return {
    root: workspace.root,
    read: async (path) => {
      const text = texts.get(path);
      if (text === undefined) return workspace.read(path);
      return text === null ? { problem: "This file can't be read." } : { text };
    },
    list: async () => {
      const { files, problems } = await workspace.list();
      const others = [...texts].flatMap(([path, text]) => (text === null ? [] : [{ path, bytes: text.length, modifiedMs: -1 }]));
      return { problems, files: [...files.filter((it) => !texts.has(it.path)), ...others].sort((a, b) => (a.path < b.path ? -1 : 1)) };
    },
  };
}
