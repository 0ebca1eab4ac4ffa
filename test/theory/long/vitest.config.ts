import { defineConfig } from 'vitest/config';

/** The table of theory at full length: minutes on every core. `npm run test:theory`; part of `npm test`. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/theory/long/*.test.ts'],
    testTimeout: 900_000,
  },
});
