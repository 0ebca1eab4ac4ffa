/** Exponential ziggurat (Marsaglia and Tsang 2000): 256 layers, where the tail begins, the area of each. */
const TAIL = 7.69711747013105;
const AREA = 0.003949659822581557;
const width = new Float64Array(257);
const height = new Float64Array(257);
width[0] = AREA * Math.exp(TAIL);
width[1] = TAIL;
for (let layer = 2; layer < 256; layer++) width[layer] = -Math.log(AREA / (width[layer - 1] as number) + Math.exp(-(width[layer - 1] as number)));
for (let layer = 0; layer <= 256; layer++) height[layer] = Math.exp(-(width[layer] as number));

/** Random numbers as cheap as they come: a linear congruential generator, and exponential times of mean one. */
export function bareDraws(): { uniform: () => number; exponential: () => number } {
  let random = 1;
  const uniform = (): number => {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    return ((random >>> 0) + 0.5) / 4294967296;
  };
  const exponential = (): number => {
    for (let beyond = 0; ; ) {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      // The low bits of such a generator are poor: the layer is taken from the middle.
      const layer = (random >>> 8) & 255;
      const x = (random >>> 0) * 2.3283064365386963e-10 * (width[layer] as number);
      if (x < (width[layer + 1] as number)) return beyond + x;
      if (layer === 0) beyond += TAIL;
      else if ((height[layer] as number) + uniform() * ((height[layer + 1] as number) - (height[layer] as number)) < Math.exp(-x)) return beyond + x;
    }
  };
  return { uniform, exponential };
}
