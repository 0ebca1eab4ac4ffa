import { ts } from 'ts-morph';
import { objectBehind } from './options.ts';
import { cannot } from './recipe.ts';
import type { Shape } from './constructions.ts';
import { isText } from './constructions.ts';

/** The first argument is the options object, and may be missing. */
const onlyOptions: Shape['options'] = (source, args) => {
  const [first] = args;
  if (!first) return { insertAt: 0 };
  return isText(source, first) ? cannot('the options are not an object literal in this file') : { at: 0 };
};

/** Connection string first, then the options, which may be missing, also before a callback. */
const textThenOptions: Shape['options'] = (_source, args) => {
  if (args.length === 0) return cannot('the connection string is missing');
  const [, second] = args;
  return !second || ts.isArrowFunction(second) || ts.isFunctionExpression(second) ? { insertAt: 1 } : { at: 1 };
};

/** `(options)`, `(uri, options?)`, `(database, user, password, options?)`. */
const sequelizeOptions: Shape['options'] = (source, args) => {
  const last = args.at(-1);
  if (!last) return { insertAt: 0 };
  if (objectBehind(source, last)) return { at: args.length - 1 };
  if (args.length === 3) return { insertAt: 3 };
  if (args.length === 1 && isText(source, last)) return { insertAt: 1 };
  return cannot('the options are not an object literal in this file');
};

const PG: Shape = { form: 'new', names: ['Pool', 'BoundPool'], options: onlyOptions };
const SEQUELIZE: Shape = { form: 'new', names: ['Sequelize'], options: sequelizeOptions };
const MONGOOSE: Shape = { form: 'call', names: ['connect', 'createConnection'], options: textThenOptions };
const MONGO: readonly Shape[] = [
  { form: 'new', names: ['MongoClient'], options: textThenOptions },
  { form: 'call', names: ['connect'], options: textThenOptions },
];
/** postgres.js: `(url, options?)` or `(options?)`. */
const POSTGRES_JS: Shape = {
  form: 'call',
  names: ['postgres'],
  modules: ['postgres'],
  options: (source, args) => (args.length === 1 && args[0] && objectBehind(source, args[0]) ? { at: 0 } : textThenOptions(source, args)),
};
const KNEX: Shape = { form: 'call', names: ['knex', 'Knex'], modules: ['knex'], options: onlyOptions };
const MYSQL: Shape = { form: 'call', names: ['createPool'], options: onlyOptions };

export interface PoolOption {
  shapes: readonly Shape[];
  path: readonly [string, ...string[]];
  /** Spelling inside a connection string, where the library reads it there. */
  inText?: string;
}

/** How each library spells the size of its pool. */
export const POOL_MAX: Readonly<Record<string, PoolOption>> = {
  pg: { shapes: [PG], path: ['max'] },
  'pg-pool': { shapes: [PG], path: ['max'] },
  sequelize: { shapes: [SEQUELIZE], path: ['pool', 'max'] },
  'sequelize-typescript': { shapes: [SEQUELIZE], path: ['pool', 'max'] },
  mongoose: { shapes: [MONGOOSE], path: ['maxPoolSize'], inText: 'maxPoolSize' },
  mongodb: { shapes: MONGO, path: ['maxPoolSize'], inText: 'maxPoolSize' },
  postgres: { shapes: [POSTGRES_JS], path: ['max'] },
  knex: { shapes: [KNEX], path: ['pool', 'max'] },
  mysql2: { shapes: [MYSQL], path: ['connectionLimit'] },
  mysql: { shapes: [MYSQL], path: ['connectionLimit'] },
};

/** How each library spells the longest wait for a connection. mysql2 has none. */
export const ACQUIRE_TIMEOUT: Readonly<Record<string, PoolOption>> = {
  pg: { shapes: [PG], path: ['connectionTimeoutMillis'] },
  'pg-pool': { shapes: [PG], path: ['connectionTimeoutMillis'] },
  sequelize: { shapes: [SEQUELIZE], path: ['pool', 'acquire'] },
  'sequelize-typescript': { shapes: [SEQUELIZE], path: ['pool', 'acquire'] },
  mongoose: { shapes: [MONGOOSE], path: ['waitQueueTimeoutMS'], inText: 'waitQueueTimeoutMS' },
  mongodb: { shapes: MONGO, path: ['waitQueueTimeoutMS'], inText: 'waitQueueTimeoutMS' },
};

/** How many may wait, for drivers that know no longest wait. */
export const QUEUE_LIMIT: Readonly<Record<string, PoolOption>> = {
  mysql2: { shapes: [MYSQL], path: ['queueLimit'] },
  mysql: { shapes: [MYSQL], path: ['queueLimit'] },
};
