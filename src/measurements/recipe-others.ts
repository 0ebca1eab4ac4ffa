import { type InputId, inputsOf } from '../model/inputs.ts';
import type { RecipePart, RecipeQuestion } from './recipe.ts';
import { shellAnswer } from './recipe-stores.ts';
import { answerLine, fileName } from './recipe-words.ts';

/** Recipes for numbers of components, of the network, of the program's course and of the traffic. */
export function otherParts(input: InputId, { topology }: RecipeQuestion): RecipePart[] {
  const file = fileName(input, 'txt');
  const word = input.slice(0, input.indexOf(' ') < 0 ? input.length : input.indexOf(' '));
  const place = input.slice(word.length + 1);
  const host = topology.components.find((it) => it.kind === 'database' || it.kind === 'cache')?.name ?? 'db';
  switch (word) {
    case 'parallelism':
      return [
        {
          title: `cores of ${place}: on its host or in its container (for a managed one, the vCPUs of its class)`,
          language: 'sh',
          text: shellAnswer(input, '$(nproc)', 'cores', 'nproc', file),
          saves: file,
        },
      ];
    case 'roundTripMs':
      return [
        {
          title: `from the service's host to ${host}`,
          language: 'sh',
          text: shellAnswer(input, `$(ping -c 20 -q ${host} | awk -F/ 'END { print $5 }')`, 'ms', 'ping, 20 times', file),
          saves: file,
        },
      ];
    case 'times':
    case 'probability':
      return [
        {
          title: word === 'times' ? `rounds of the loop at ${place}, on average` : `how often the branch at ${place} is taken`,
          language: 'js',
          text: [
            word === 'times' ? 'loops += 1; // before the loop\nrounds += 1; // inside it' : 'passes += 1; // before the branch\ntaken += 1; // inside it',
            '// once in a while:',
            word === 'times'
              ? answerLine(input, 'rounds / loops', 'count', '"counter, " + loops + " loops"')
              : answerLine(input, 'taken / passes', 'ratio', '"counter, " + passes + " passes"'),
          ].join('\n'),
          saves: file,
        },
      ];
    case 'share':
    case 'readShare':
      return [
        {
          title: "what was asked for: the access log of the proxy or of morgan('combined'), of a day or more; it tells the share of every route at once",
          language: 'sh',
          text: 'cp /var/log/nginx/access.log access.log',
          saves: 'access.log',
        },
        {
          title: 'the same by counters: the metrics page of the service, where requests are counted by route',
          language: 'sh',
          text: 'curl -s http://127.0.0.1:3000/metrics > metrics.txt',
          saves: 'metrics.txt',
        },
        {
          title: 'what you know of this one alone: put it in the place of 1, the others keep the rest',
          language: 'sh',
          text: shellAnswer(input, '1', '%', 'known', file),
          saves: file,
        },
      ];
    case 'service':
      return [
        {
          title: `time of one operation of ${place}, around it`,
          language: 'js',
          text: [
            'const started = performance.now();',
            '// … await the operation …',
            'ms += performance.now() - started;',
            'calls += 1;',
            '// once in a while:',
            answerLine(input, 'ms / calls', 'ms', '"performance.now, " + calls + " calls"'),
          ].join('\n'),
          saves: file,
        },
      ];
    default: {
      const unit = inputsOf(topology).find((it) => it.id === input)?.unit ?? 'count';
      return [{ title: 'what is set where it runs: put it in the place of 1', language: 'sh', text: shellAnswer(input, '1', unit, 'set', file), saves: file }];
    }
  }
}
