import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../src/simulator/index.ts', import.meta.url));

/**
 * A Vite plugin that gives tests the simulator's entry in one piece. Vitest loads every file as a module of its own and looks each imported name up at each use, which makes the
 * engine's loop three times slower. Whoever imports a file behind the entry gets that file alone, unbundled: classes of the two are not the same.
 */
export const bundledSimulator = () => ({
  name: 'bundled-simulator',
  enforce: 'pre' as const,
  async load(this: { addWatchFile(path: string): void }, id: string): Promise<string | null> {
    if (id !== ENTRY) return null;
    const { outputFiles, metafile } = await build({ entryPoints: [ENTRY], bundle: true, format: 'esm', target: 'node20', write: false, metafile: true, sourcemap: 'inline' });
    for (const path of Object.keys(metafile.inputs)) this.addWatchFile(fileURLToPath(new URL(`../${path}`, import.meta.url)));
    return outputFiles[0]?.text ?? null;
  },
});
