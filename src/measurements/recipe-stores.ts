import type { InputId } from '../model/inputs.ts';
import type { CacheStep } from '../model/topology.ts';
import type { RecipePart, RecipeQuestion } from './recipe.ts';
import { answerLine, fileName, quoted } from './recipe-words.ts';

/** How often a cache has what it is asked for. */
export function hitRatioParts(input: InputId, step: CacheStep, { topology }: RecipeQuestion): RecipePart[] {
  const store = topology.components.find((it) => it.id === step.target);
  const counter: RecipePart = {
    title: `a counter of this key, around ${step.place.file}:${step.place.line}`,
    language: 'js',
    text: [
      'reads += 1;',
      'if (found !== undefined && found !== null) hits += 1;',
      '// once in a while, with let [reads, hits] = [0, 0] at the top of the file:',
      answerLine(input, 'hits / reads', 'ratio', '"counter, " + reads + " reads"'),
    ].join('\n'),
  };
  if (!/redis|valkey|keydb/.test(store?.engine ?? '')) return [counter];
  const file = fileName(`${step.target} info`, 'txt');
  return [
    {
      title: 'the hits of the whole store since RESETSTAT, after some minutes of load',
      language: 'sh',
      text: `redis-cli -u "$REDIS_URL" CONFIG RESETSTAT\nsleep 600\nredis-cli -u "$REDIS_URL" INFO stats > ${file}`,
      saves: file,
    },
    {
      title: 'PromQL, with redis_exporter',
      language: 'promql',
      text: 'rate(redis_keyspace_hits_total[5m])\n  / (rate(redis_keyspace_hits_total[5m]) + rate(redis_keyspace_misses_total[5m]))',
    },
    counter,
  ];
}

/** A number that a shell prints, as a line that `faultline import` reads; `value` is shell. */
export const shellAnswer = (input: InputId, value: string, unit: string, source: string, file: string): string =>
  `printf '{"faultline":%s,"value":%s,"unit":"${unit}","source":"${source}"}\\n' ${quoted(JSON.stringify(input))} "${value}" > ${file}`;
