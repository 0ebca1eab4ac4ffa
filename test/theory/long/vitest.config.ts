import { defineConfig } from 'vitest/config';
import { bundledSimulator } from '../../bundled-simulator.ts';

/** The table of theory at full length: minutes on every core. `npm run test:theory`. */
export default defineConfig({
  plugins: [bundledSimulator()],
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    // Rows of our own (`against.ts`) lie beside what else is tested of their features; here they are played twice at full length.
    include: ['test/theory/long/*.test.ts', 'test/theory/{arrivals,disciplines,faults,caches,instances}.test.ts'],
    env: { THEORY_SHARE: '2' },
    testTimeout: 900_000,
  },
});
