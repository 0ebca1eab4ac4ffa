import { expect, it } from 'vitest';
import { compare, disagreements } from '../exactness.ts';

const FROM = 1000;
const NETWORKS = 150;
const REQUESTS = 8000;

it('what solve calls exact is what is played, in many more networks and more closely', () => {
  const all = Array.from({ length: NETWORKS }, (_, index) => compare(FROM + index, REQUESTS));
  expect(disagreements(all.flat())).toEqual([]);
  expect(all.filter((it) => it.length > 0).length).toBeGreaterThan(0.8 * NETWORKS);
});
