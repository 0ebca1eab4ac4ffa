import type { ModuleKind } from './modules.ts';
import type { Source } from './source.ts';

export type KeyStore = 'ioredis' | 'redis' | 'pg';

/** The table that keeps the keys of a relational database. */
export const KEYS_TABLE = `CREATE TABLE done_once (
  key text PRIMARY KEY,
  owner uuid NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now(),
  done_at timestamptz
);
-- Once a day: DELETE FROM done_once WHERE done_at < now() - interval '7 days';`;

const TYPES: Readonly<Record<KeyStore, readonly [line: string, type: string]>> = {
  ioredis: ["import type { Redis } from 'ioredis';", 'Redis'],
  redis: ["import type { createClient } from 'redis';", 'ReturnType<typeof createClient>'],
  pg: ["import type { Pool } from 'pg';", 'Pool'],
};

/** How a key is claimed, looked at, given back and kept. */
interface Commands {
  claim: readonly string[];
  isTaken: string;
  isDone: readonly string[];
  giveBack: string;
  keep: string;
}

function commandsOf(store: KeyStore): Commands {
  if (store === 'pg')
    return {
      claim: [
        '  const begun = await pool.query(',
        '    `INSERT INTO done_once (key, owner) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET owner = $2, begun_at = now()',
        `     WHERE done_once.done_at IS NULL AND done_once.begun_at < now() - make_interval(secs => \${LEASE_SECONDS})\`,`,
        '    [key, mine],',
        '  );',
      ],
      isTaken: 'begun.rowCount === 0',
      isDone: ["    const { rows } = await pool.query('SELECT done_at FROM done_once WHERE key = $1', [key]);", '    if (rows[0]?.done_at) return;'],
      giveBack: "await pool.query('DELETE FROM done_once WHERE key = $1 AND owner = $2 AND done_at IS NULL', [key, mine]);",
      keep: "await pool.query('UPDATE done_once SET done_at = now() WHERE key = $1', [key]);",
    };
  const isIo = store === 'ioredis';
  const set = (value: string, seconds: string, isNew: boolean): string =>
    isIo ? `redis.set(name, ${value}, 'EX', ${seconds}${isNew ? ", 'NX'" : ''})` : `redis.set(name, ${value}, { EX: ${seconds}${isNew ? ', NX: true' : ''} })`;
  return {
    claim: [`  const name = \`done:\${key}\`;`, `  const begun = await ${set('mine', 'LEASE_SECONDS', true)};`],
    isTaken: 'begun === null',
    isDone: ["    if ((await redis.get(name)) === 'done') return;"],
    giveBack: `await redis.eval(GIVE_BACK, ${isIo ? '1, name, mine' : '{ keys: [name], arguments: [mine] }'});`,
    keep: `await ${set("'done'", 'KEPT_SECONDS', false)};`,
  };
}

/**
 * A module with one function, `once(client, key, work)`.
 * What fails gives its key back, so that the next attempt does the work; what is under way elsewhere fails, so that the message comes again later.
 */
export function doOnceFile(store: KeyStore, kind: ModuleKind, style: Pick<Source, 'quote' | 'semicolon' | 'eol' | 'typed'>): string {
  const client = store === 'pg' ? 'pool' : 'redis';
  const { claim, isTaken, isDone, giveBack, keep } = commandsOf(store);
  const [typeLine, type] = TYPES[store];
  const signature = style.typed
    ? `async function once(${client}: ${type}, key: string, work: () => PromiseLike<unknown>): Promise<void> {`
    : `async function once(${client}, key, work) {`;
  const uuid = kind === 'import' ? "import { randomUUID } from 'node:crypto';" : "const { randomUUID } = require('node:crypto');";
  const lines = [
    uuid,
    ...(style.typed ? [typeLine] : []),
    '',
    '/** Longer than the work takes, shorter than it takes until the message of a process that died comes again (30 s: locks of BullMQ, visibility of SQS, sessions of Kafka). */',
    'const LEASE_SECONDS = 25;',
    ...(store === 'pg'
      ? []
      : [
          '/** A message may come again for so long: as long as the business keeps the event. */',
          'const KEPT_SECONDS = 7 * 24 * 3600;',
          '/** Only who holds the key gives it back: a lease may have run out. */',
          `const GIVE_BACK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end";`,
        ]),
    '',
    '/** Does the work once for each key. A key names the operation and the message: two operations on one message are two keys. */',
    `${kind === 'import' ? 'export ' : ''}${signature}`,
    '  const mine = randomUUID();',
    ...claim,
    `  if (${isTaken}) {`,
    ...isDone,
    `    throw new Error(\`\${key} is being done elsewhere\`);`,
    '  }',
    '  try {',
    '    await work();',
    '  } catch (error) {',
    `    ${giveBack}`,
    '    throw error;',
    '  }',
    `  ${keep}`,
    '}',
    ...(kind === 'require' ? ['', 'module.exports = { once };'] : []),
    '',
  ];
  return lines
    .map((it) => it.replace(/;$/, style.semicolon))
    .map((it) => (it.includes(style.quote) ? it : it.replaceAll("'", style.quote)))
    .join(style.eol);
}
