import { exp, log, normalQuantile } from '../arithmetic.ts';
import { hash } from '../draw.ts';
import { FIRST_WORD, STREAM_BITS, STREAM_WORDS, TAKEN } from './stream-words.ts';

/**
 * Independent streams of random numbers (sfc32), 32 words each: four words of state, the place of the next word to give out, and the words that were made with it.
 * They are made together: in a loop of their own they cost a third of what they cost one by one between other things.
 */
export type Streams = Uint32Array;

/** One stream per name; a stream depends on the seed and its own name only, so a change elsewhere leaves it alone. */
export function streamsFor(seed: number, names: readonly string[]): Streams {
  const state = new Uint32Array(STREAM_WORDS * names.length);
  names.forEach((name, index) => {
    const mixed = hash(name);
    const at = STREAM_WORDS * index;
    state[at] = mixed;
    state[at + 1] = Math.imul(mixed, 0x9e3779b1) ^ seed;
    state[at + 2] = Math.imul(seed, 0x85ebca6b) + 0x27d4eb2f;
    state[at + 3] = 1;
    state[at + TAKEN] = STREAM_WORDS;
    for (let warm = 0; warm < 20; warm++) uniform(state, index);
  });
  return state;
}

/** Makes new words of a stream whose words are all given out; the place of the next one. */
export function refill(state: Streams, stream: number): number {
  const at = stream << STREAM_BITS;
  let a = (state[at] as number) | 0;
  let b = (state[at + 1] as number) | 0;
  let c = (state[at + 2] as number) | 0;
  let d = (state[at + 3] as number) | 0;
  for (let place = at + FIRST_WORD; place < at + STREAM_WORDS; place++) {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    state[place] = t;
  }
  state[at] = a;
  state[at + 1] = b;
  state[at + 2] = c;
  state[at + 3] = d;
  return FIRST_WORD;
}

/** The stream's next word. */
function wordOf(state: Streams, stream: number): number {
  const at = stream << STREAM_BITS;
  let place = state[at + TAKEN] as number;
  if (place === STREAM_WORDS) place = refill(state, stream);
  state[at + TAKEN] = place + 1;
  return state[at + place] as number;
}

/** The stream's next number, between 0 and 1, never either. */
export const uniform = (state: Streams, stream: number): number => (wordOf(state, stream) + 0.5) / 4294967296;

/** Layers of the exponential ziggurat (Marsaglia and Tsang 2000): where the tail begins, and the area of each. */
const LAYERS = 256;
const TAIL = 7.69711747013105;
const AREA = 0.003949659822581557;
export const width = new Float64Array(LAYERS + 1);
const height = new Float64Array(LAYERS + 1);
width[0] = AREA * exp(TAIL);
width[1] = TAIL;
for (let layer = 2; layer < LAYERS; layer++) width[layer] = -log(AREA / (width[layer - 1] as number) + exp(-(width[layer - 1] as number)));
for (let layer = 0; layer <= LAYERS; layer++) height[layer] = exp(-(width[layer] as number));

/** An exponential number with mean 1: by ziggurat, for a logarithm each time would be a seventh of a simulation's work. */
export function exponential(state: Streams, stream: number): number {
  const word = wordOf(state, stream);
  // The lowest bits of the same word choose the layer; they hardly move the rest.
  const layer = word & 255;
  const x = ((word + 0.5) / 4294967296) * (width[layer] as number);
  return x < (width[layer + 1] as number) ? x : outside(state, stream, layer, x);
}

/** The rare draws: beyond the last layer all begins again, and in the wedge of a layer the height decides. */
export function outside(state: Streams, stream: number, firstLayer: number, first: number): number {
  let layer = firstLayer;
  let x = first;
  for (let beyond = 0; ; ) {
    if (x < (width[layer + 1] as number)) return beyond + x;
    if (layer === 0) beyond += TAIL;
    else {
      const low = height[layer] as number;
      if (low + uniform(state, stream) * ((height[layer + 1] as number) - low) < exp(-x)) return beyond + x;
    }
    const u = uniform(state, stream);
    layer = (u * 4294967296) & 255;
    x = u * (width[layer] as number);
  }
}

const normal = (state: Streams, stream: number): number => normalQuantile(uniform(state, stream));

/** A gamma number with this shape and scale 1: whole shapes up to 8 as a sum of exponentials, others by Marsaglia and Tsang (2000). */
export function gamma(state: Streams, stream: number, shape: number): number {
  if (shape <= 8 && shape === Math.floor(shape)) {
    let product = 1;
    for (let stage = 0; stage < shape; stage++) product *= uniform(state, stream);
    return -log(product);
  }
  if (shape < 1) return gamma(state, stream, shape + 1) * exp(log(uniform(state, stream)) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(state, stream);
    const v = 1 + c * x;
    if (v <= 0) continue;
    const cube = v * v * v;
    if (log(uniform(state, stream)) < 0.5 * x * x + d - d * cube + d * log(cube)) return d * cube;
  }
}

/** A lognormal number with mean 1. */
export const lognormal = (state: Streams, stream: number, sigma: number): number => exp(sigma * normal(state, stream) - (sigma * sigma) / 2);

/** A hyperexponential number with mean 1 and balanced means; `p` is the share of the shorter kind. */
export const hyperexponential = (state: Streams, stream: number, p: number): number => {
  const share = uniform(state, stream) < p ? p : 1 - p;
  return exponential(state, stream) / (2 * share);
};
