import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ts } from 'ts-morph';
import { infer } from '../../src/inference/infer.ts';
import { nodeCache } from '../../src/inference/node-cache.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { type Row, timedAsync } from './timing.ts';

/** Cold and warm reading beside two yardsticks of the same run: reading and hashing the same files, and parsing every source file. */
export async function benchInference(folder: string): Promise<Row[]> {
  const { files } = await nodeWorkspace(folder).list();
  const sources = files.filter((it) => /\.[cm]?[jt]sx?$/.test(it.path));
  const hash = await timedAsync(async () => {
    for (const it of files)
      createHash('sha256')
        .update(readFileSync(join(folder, it.path)))
        .digest();
  });
  const parse = await timedAsync(async () => {
    for (const it of sources) ts.createSourceFile(it.path, readFileSync(join(folder, it.path), 'utf8'), ts.ScriptTarget.Latest, true);
  });
  const cacheFolder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    const cold = await timedAsync(() => infer(nodeWorkspace(folder), { cache: nodeCache(cacheFolder, folder) }));
    const cache = nodeCache(cacheFolder, folder);
    const warm = await timedAsync(() => infer(nodeWorkspace(folder), { cache }));
    const again = await timedAsync(() => infer(nodeWorkspace(folder), { cache }));
    return [
      { what: `read and hash ${files.length} files`, value: hash, unit: 'ms' },
      { what: `parse ${sources.length} source files`, value: parse, unit: 'ms' },
      { what: 'infer, cold', value: cold, unit: 'ms', ratio: `${(cold / (hash + parse)).toFixed(2)} × (hash + parse)` },
      { what: 'infer, cached facts from disk', value: warm, unit: 'ms', ratio: `${(warm / cold).toFixed(2)} × cold` },
      { what: 'infer, cached facts in memory', value: again, unit: 'ms', ratio: `${(again / cold).toFixed(2)} × cold` },
      { what: 'memory of this process at the end', value: process.memoryUsage().rss / 2 ** 20, unit: 'MB' },
    ];
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
}
