import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Vite } from 'vitest/node';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = `${ROOT}src/simulator/index.ts`;

/**
 * Gives tests the simulator's entry in one piece. Vitest loads every file as a module of its own and looks each imported name up at each use, which makes the
 * engine's loop four times slower. Whoever imports a file behind the entry gets that file alone, unbundled: classes of the two are not the same.
 */
export const bundledSimulator = (): Vite.Plugin => ({
  name: 'bundled-simulator',
  enforce: 'pre',
  // Vitest keeps what it has transformed by the text of the one file: it would not notice that a file behind the entry has changed.
  configureVitest({ defineCacheKeyGenerator }) {
    defineCacheKeyGenerator(({ id }) => (id === ENTRY ? false : undefined));
  },
  async load(id) {
    if (id !== ENTRY) return null;
    const { outputFiles, metafile } = await build({
      entryPoints: [ENTRY],
      absWorkingDir: ROOT,
      bundle: true,
      minifySyntax: true,
      format: 'esm',
      target: 'node20',
      write: false,
      metafile: true,
      sourcemap: 'inline',
      logLevel: 'silent',
    });
    for (const path of Object.keys(metafile.inputs)) this.addWatchFile(`${ROOT}${path}`);
    return outputFiles[0]?.text ?? null;
  },
});
