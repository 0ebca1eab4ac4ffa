import type { Choices } from './grammar.ts';

/** Requests a second that the lab asks of every design. */
const ASKED = 1000;
/** The lab's own numbers: requests a second of an app and a database, and what it multiplies them with. */
const APPS: Readonly<Record<Choices['architecture'], number>> = { MVC: 300, 'Clean Architecture': 500 };
const DATABASES: Readonly<Partial<Record<Choices['database'], number>>> = { PostgreSQL: 500, MongoDB: 600 };
const KAFKA = 3;
const BULLMQ = 2.5;
const CACHES: Readonly<Record<Choices['caching'], number>> = { Redis: 1.5, 'Memory Cache': 1.2, None: 1 };
const GATEWAY = 1.5;

/**
 * What the article's lab says of the same parts, for comparison: it takes the mean of two fixed rates and multiplies.
 * It knows neither time nor load, so nothing of it reaches a verdict.
 */
export function labSays(choices: Choices): string {
  const database = DATABASES[choices.database];
  if (database === undefined) return `The lab can’t say: it has no ${choices.database === 'None' ? 'design without a database' : choices.database}.`;
  if (choices.communication === 'GraphQL') return 'The lab can’t say: it has no GraphQL.';
  const app = APPS[choices.architecture];
  const factors: (readonly [name: string, factor: number])[] = [
    ...(choices.communication === 'Kafka' ? [['Kafka', KAFKA] as const] : choices.backgroundJobs ? [['BullMQ', BULLMQ] as const] : []),
    ...(choices.caching === 'None' ? [] : [[choices.caching, CACHES[choices.caching]] as const]),
    ...(choices.apiGateway === 'None' ? [] : [[choices.apiGateway === 'Nginx' ? 'Nginx' : 'Kong', GATEWAY] as const]),
  ];
  const carries = factors.reduce((product, [, factor]) => product * factor, (app + database) / 2);
  const sum = `(${app} + ${database}) ÷ 2${factors.map(([name, factor]) => ` × ${factor} for ${name}`).join('')}`;
  const rate = carries.toLocaleString('en-US', { maximumFractionDigits: 0 });
  return `The lab would say: ${carries >= ASKED ? 'stable' : 'it explodes'} at ${ASKED.toLocaleString('en-US')} req/s, for ${sum} = ${rate}.`;
}
