import { defineConfig } from 'vitest/config';
import { bundledSimulator } from './bundled-simulator.ts';
import { LongestFirst } from './longest-first.ts';
import { REPEATED_AT_LENGTH } from './theory/at-length.ts';

/** `unit` runs anywhere; `real` needs the scaffold CLI from npm and takes minutes. Tests in a real editor have their own runner (test/editor), long runs against theory their own configuration (test/theory/long). */
export default defineConfig({
  plugins: [bundledSimulator()],
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/editor/**', 'test/theory/long/**', 'test/fixtures/**', 'node_modules/**', ...(process.env.THEORY === 'at-length' ? REPEATED_AT_LENGTH : [])],
    globalSetup: 'test/own-folder.ts',
    // Vitest's own choice would be one process less than the machine has processors: on two of them a single one.
    maxWorkers: '100%',
    // Modules here keep no state that a test could see, and reading the parsers anew for each file takes longer than most files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    // Vitest's own second is too short for a browser on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 300_000,
  },
});
