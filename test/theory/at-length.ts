/** Features whose rows of our own (`against.ts`) lie beside what else is tested of them: both suites run their files, the one at full length with longer runs. */
export const AT_BOTH_LENGTHS = ['arrivals', 'caches', 'disciplines', 'faults', 'instances'].map((it) => `test/theory/${it}.test.ts`);

/** What the suite at full length (`long/`) makes superfluous: `npm test`, which runs it, leaves these out of the quick one (`THEORY=at-length`). */
export const REPEATED_AT_LENGTH = [...AT_BOTH_LENGTHS, 'test/theory/theory.test.ts', 'test/theory/coverage.test.ts'];
