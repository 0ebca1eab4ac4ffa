import { defineConfig } from 'vitest/config';
import { bundledSimulator } from '../../bundled-simulator.ts';
import { AT_BOTH_LENGTHS } from '../at-length.ts';

/** The table of theory at full length: minutes on every core. `npm run test:theory`. */
export default defineConfig({
  plugins: [bundledSimulator()],
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/theory/long/*.test.ts', ...AT_BOTH_LENGTHS],
    env: { THEORY_SHARE: '1' },
    testTimeout: 900_000,
  },
});
