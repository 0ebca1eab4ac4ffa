/** Written by `npm run errors`: error of the mean response that 95% of the played networks of a kind stay below. */
export const PUBLISHED_ERRORS: Readonly<Record<string, number>> = {
  'balanced, up to 50% busy': 0.1,
  'balanced, up to 70% busy': 0.1,
  'balanced, up to 90% busy': 0.15,
  'pools, up to 50% busy': 0.04,
  'pools, up to 70% busy': 0.1,
  'pools, up to 90% busy': 0.19,
  'side by side, up to 50% busy': 0.14,
  'side by side, up to 70% busy': 0.19,
  'side by side, up to 90% busy': 0.26,
  'stations, up to 50% busy': 0.04,
  'stations, up to 70% busy': 0.06,
  'stations, up to 90% busy': 0.12,
  'wait limits, up to 50% busy': 0.03,
  'wait limits, up to 70% busy': 0.06,
  'wait limits, up to 90% busy': 0.17,
};
