/** A reproducible number in (0, 1): the `index`-th of the stream that `seed` and `purpose` name. Same arguments, same bits, everywhere. */
export const draw = (seed: number, purpose: string, index: number): number => drawsOf(seed, purpose)(index);

/** The whole stream, for who needs many of it. */
export function drawsOf(seed: number, purpose: string): (index: number) => number {
  const named = hash(purpose);
  const first = mix(named ^ Math.imul(seed | 0, 0x9e3779b1));
  return (index) => unit(mix(first + Math.imul(index | 0, 0x85ebca6b)), mix(Math.imul(index | 0, 0xc2b2ae35) ^ named ^ seed));
}

/** FNV-1a. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  return h | 0;
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

/** 52 bits of two words, never 0 or 1. */
const unit = (high: number, low: number): number => ((high >>> 6) * 67108864 + (low >>> 6) + 0.5) / 4503599627370496;
