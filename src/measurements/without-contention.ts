/**
 * How long a statement takes while nothing else runs, from its mean while `atOnce` statements ran side by side on `cores`: cores shared by more than them make each take longer.
 * Mean numbers of processor sharing are those of M/M/c (insensitive to what one needs: Cohen, The multiple phase service network with generalized processor sharing, 1979),
 * so the share of the cores that was at work follows from `atOnce`. Time that a statement waits for disks or locks is counted as work: then the answer is too short, and never
 * shorter than what the cores must have spent to carry what was measured.
 */
export function withoutContention(meanMs: number, atOnce: number, cores: number): number {
  if (!(atOnce > 0) || !(cores >= 1)) return meanMs;
  let [low, high] = [0, 1];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (meanNumber(middle, cores) < atOnce) low = middle;
    else high = middle;
  }
  return (meanMs * Math.min(atOnce, cores * low)) / atOnce;
}

/** Mean number in M/M/c at a utilisation: c × ρ at work, and ρ ÷ (1 − ρ) more with Erlang's probability of waiting. */
function meanNumber(utilisation: number, cores: number): number {
  const offered = utilisation * cores;
  let lost = 1;
  for (let servers = 1; servers <= cores; servers++) lost = (offered * lost) / (servers + offered * lost);
  const waits = lost / (1 - utilisation * (1 - lost));
  return offered + (waits * utilisation) / (1 - utilisation);
}
