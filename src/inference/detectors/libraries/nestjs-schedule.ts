import { isCallable, numberOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector, Said } from '../../detector.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { everyMsOf } from './cron.ts';

/** @nestjs/schedule: methods that a clock calls. */
export default {
  id: 'nestjs-schedule',
  packages: ['@nestjs/schedule'],
  call(it, run) {
    exploreWith(run, explore);
    return /^(Cron|Interval)$/.test(it.name) ? run.make('Decorator', it.place, { name: `@${it.name}`, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (_app, made, run) => {
  for (const it of made)
    for (const member of run.inspect(it.of).members)
      for (const one of member.decorators) {
        if (one.t !== 'resource' || one.library !== 'nestjs-schedule' || one.type !== 'Decorator') continue;
        const method = run.property(it.value, member.name);
        if (!isCallable(method)) continue;
        const everyMs = intervalOf(one);
        run.claim({ kind: 'timer', handler: { t: 'native', call: (args) => run.call(method, args, it.value) }, ...(everyMs && { everyMs }), place: one.place });
      }
};

function intervalOf(it: Resource): Said<number> | undefined {
  const args = it.data.args as readonly Value[];
  const value = it.data.name === '@Interval' ? numberOf(args.find((arg) => arg.t === 'number')) : everyMsOf(expressionOf(args[0]));
  return value === undefined ? undefined : { value, place: it.place };
}

/** `CronExpression.EVERY_5_MINUTES` says what it is. */
const expressionOf = (it: Value | undefined): string => (it?.t === 'package' ? (it.path.at(-1) ?? '') : (textOf(it) ?? ''));
