/**
 * Elementary functions that give the same bits on every engine.
 * ECMAScript leaves `Math.log`, `exp` and `pow` to the implementation; `+ - × ÷` and `Math.sqrt` are exact everywhere.
 * `log` and `exp` follow the published fdlibm algorithms (e_log.c, e_exp.c).
 */
const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const INVERSE_LN2 = 1 / (LN2_HIGH + LN2_LOW);

/** Natural logarithm; `-Infinity` at 0, `NaN` below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984;
    k = -54;
  }
  word[0] = x;
  let high = halves[1] as number;
  k += (high >>> 20) - 1023;
  high &= 0xfffff;
  const carry = (high + 0x95f64) & 0x100000;
  halves[1] = high | (carry ^ 0x3ff00000);
  k += carry >>> 20;
  const f = (word[0] as number) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + odd + even) + k * LN2_LOW) - f);
}

/** e to the x. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  if (Number.isNaN(x)) return x;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (0.16666666666666602 + t * (-0.0027777777777015593 + t * (0.00006613756321437934 + t * (-0.0000016533902205465252 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k > 1023) return y * twoTo(k - 1) * 2;
  return k < -1021 ? y * twoTo(k + 54) * 5.551115123125783e-17 : y * twoTo(k);
}

function twoTo(k: number): number {
  halves[0] = 0;
  halves[1] = (k + 1023) << 20;
  return word[0] as number;
}

/** `base` to the `power`, for a base above 0. */
export const power = (base: number, exponent: number): number => (base === 0 ? (exponent === 0 ? 1 : 0) : exp(exponent * log(base)));

/** log Γ(x) for x > 0, by Stirling's series after shifting x above 8; relative error below 1e-12. */
export function logGamma(x: number): number {
  let shift = 1;
  while (x < 8) {
    shift *= x;
    x += 1;
  }
  const z = 1 / (x * x);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / x;
  return (x - 0.5) * log(x) - x + 0.9189385332046727 + series - log(shift);
}

/** Share of a gamma law with this shape and scale 1 that lies above x. */
export const gammaTail = (shape: number, x: number): number => (x <= 0 ? 1 : tailBehind(exp(shape * log(x) - x - logGamma(shape)), shape, x));

/** The same with x^shape · e^−x ÷ Γ(shape) at hand. */
function tailBehind(front: number, shape: number, x: number): number {
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; n < 2000; n++) {
      term *= x / (shape + n);
      sum += term;
      if (term < sum * 1e-12) break;
    }
    return 1 - front * sum;
  }
  // Continued fraction by Lentz's method.
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 2000; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-12) break;
  }
  return front * h;
}

/** The x that a gamma law of this shape (scale 1) exceeds with probability `tail`. */
export function gammaQuantile(shape: number, tail: number): number {
  if (shape === 1) return -log(tail);
  // Wilson–Hilferty as the start, then Newton on the logarithm of the tail, which is nearly straight.
  const z = normalQuantile(1 - tail);
  const cube = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
  let x = shape > 0.3 ? shape * cube * cube * cube : -log(tail) * shape;
  if (!(x > 0)) x = 0.5 * shape;
  const scale = logGamma(shape);
  const wanted = log(tail);
  for (let round = 0; round < 50; round++) {
    const front = exp(shape * log(x) - x - scale);
    const at = tailBehind(front, shape, x);
    const density = front / x;
    if (at <= 0 || density <= 0) {
      x /= 2;
      continue;
    }
    const step = (at * (log(at) - wanted)) / density;
    const next = x + step > 0 ? x + step : x / 2;
    if (Math.abs(next - x) <= 1e-7 * x) return next;
    x = next;
  }
  return x;
}

/** The z that a standard normal stays below with probability p (Acklam's rational approximation, relative error 1.2e-9). */
export function normalQuantile(p: number): number {
  if (p < 0.02425) return -tailQuantile(p);
  if (p > 0.97575) return tailQuantile(1 - p);
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r - 30.66479806614716) * r + 2.506628277459239) * q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1)
  );
}

function tailQuantile(p: number): number {
  const q = Math.sqrt(-2 * log(p));
  return (
    -(((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
  );
}

export const LN10 = log(10);
