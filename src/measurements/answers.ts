import { amountIn, type Format, isRecord, jsonIn, type Sample, timeOf } from './reading.ts';

/** `redis-cli INFO` or `INFO stats` (redis.io/docs/latest/commands/info). */
export const redisInfo: Format = {
  name: 'redis-cli INFO',
  read(text) {
    const field = (name: string): number | undefined => {
      const found = new RegExp(`^${name}:(\\d+)\\s*$`, 'm').exec(text)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    if (!/^# (?:Server|Stats)\s*$/m.test(text) && field('keyspace_hits') === undefined) return null;
    const [hits, misses] = [field('keyspace_hits'), field('keyspace_misses')];
    if (hits === undefined || misses === undefined) return { problem: 'The section "Stats" with keyspace_hits is missing: use redis-cli INFO stats.' };
    if (hits + misses === 0) return { problem: 'No key was read yet: nothing was measured.' };
    return { tool: 'redis-cli INFO', samples: [{ kind: 'hits', hits, misses }], skipped: [] };
  },
};

/** Lines that a snippet of `faultline measure` prints: `{"faultline":"compute request handling in api","value":0.42,"unit":"ms"}`; other lines around them are the program's own. */
export const answers: Format = {
  name: 'faultline measure',
  read(text) {
    if (!text.includes('"faultline"')) return null;
    const found = text.split('\n').flatMap((line): { sample: Extract<Sample, { kind: 'value' }>; at: string | undefined }[] => {
      const start = line.indexOf('{"faultline"');
      const it = start < 0 ? undefined : jsonIn(line.slice(start).trim());
      const value = isRecord(it) ? amountIn(it.value) : undefined;
      if (!isRecord(it) || typeof it.faultline !== 'string' || value === undefined) return [];
      const perSecond = isRecord(it) ? amountIn(it.perSecond) : undefined;
      const [unit, source] = [it.unit, it.source].map((word) => (typeof word === 'string' && word !== '' ? word : undefined));
      return [
        {
          sample: { kind: 'value', input: it.faultline, value, ...(unit && { unit }), ...(source && { source }), ...(perSecond !== undefined && { perSecond }) },
          at: timeOf(it.at),
        },
      ];
    });
    // A snippet goes on printing. What it says first has the start in it, and what it says last may come from after the load.
    const most = new Map<string, number>();
    for (const { sample } of found) most.set(sample.input, Math.max(most.get(sample.input) ?? 0, sample.perSecond ?? 0));
    const last = new Map(found.filter(({ sample: it }) => (it.perSecond ?? 0) >= (most.get(it.input) ?? 0) / 2).map((it) => [it.sample.input, it]));
    const at = found.at(-1)?.at;
    return last.size === 0 ? null : { tool: 'faultline measure', ...(at && { at }), samples: [...last.values()].map((it) => it.sample), skipped: [] };
  },
};
