import { exp, log } from '../arithmetic.ts';
import { type Streams, uniform } from './streams.ts';

/** Keys 1…keys, key k as popular as 1 / k^exponent: what `drawKey` needs to know of them. */
export interface Zipf {
  keys: number;
  exponent: number;
  first: number;
  last: number;
  /** A key this close below its x needs no second look. */
  sure: number;
}

/** Rejection-inversion (Hörmann and Derflinger 1996): no table, whatever the number of keys; about one draw in twenty is repeated at worst. */
export function zipfOf(keys: number, exponent: number): Zipf {
  return {
    keys,
    exponent,
    first: integral(1.5, exponent) - 1,
    last: integral(keys + 0.5, exponent),
    sure: 2 - inverse(integral(2.5, exponent) - density(2, exponent), exponent),
  };
}

/** A key, from 1. */
export function drawKey(zipf: Zipf, streams: Streams, stream: number): number {
  const { keys, exponent } = zipf;
  if (exponent === 0) return 1 + Math.floor(uniform(streams, stream) * keys);
  for (;;) {
    const u = zipf.last + uniform(streams, stream) * (zipf.first - zipf.last);
    const x = inverse(u, exponent);
    const key = Math.max(1, Math.min(keys, Math.floor(x + 0.5)));
    if (key - x <= zipf.sure || u >= integral(key + 0.5, exponent) - density(key, exponent)) return key;
  }
}

const density = (x: number, exponent: number): number => exp(-exponent * log(x));

/** ∫₁ˣ t^−exponent dt = (x^(1−exponent) − 1) / (1 − exponent), the logarithm where the exponent is 1. */
function integral(x: number, exponent: number): number {
  const logX = log(x);
  return logX * growth((1 - exponent) * logX);
}

function inverse(y: number, exponent: number): number {
  return exp(y * shrinking(Math.max(-1, y * (1 - exponent))));
}

/** (eˣ − 1) / x, by its series near 0. */
const growth = (x: number): number => (Math.abs(x) > 1e-4 ? (exp(x) - 1) / x : 1 + (x / 2) * (1 + (x / 3) * (1 + x / 4)));
/** log(1 + x) / x, likewise. */
const shrinking = (x: number): number => (Math.abs(x) > 1e-4 ? log(1 + x) / x : 1 - x * (1 / 2 - x * (1 / 3 - x / 4)));
