import { describe, expect, it } from 'vitest';
import { applied, lineOf } from './bench.ts';

interface Row {
  name: string;
  library: string;
  before: string;
  after: string;
  /** Text on the line that the rule points at; `new` or the call by default. */
  at?: string;
  file?: string;
  value?: number;
}

const MAX: readonly Row[] = [
  {
    name: 'postgres.js, an argument on a line of its own',
    library: 'postgres',
    at: 'postgres(',
    before: "import postgres from 'postgres';\nexport const sql = postgres(\n  process.env.DATABASE_URL as string // of the shop\n);\n",
    after: "import postgres from 'postgres';\nexport const sql = postgres(\n  process.env.DATABASE_URL as string, // of the shop\n  { max: 25 }\n);\n",
  },
  {
    name: 'postgres.js, arguments on lines of their own, trailing comma',
    library: 'postgres',
    at: 'postgres(',
    before: 'import postgres from "postgres";\nexport const sql = postgres(\n  process.env.DATABASE_URL!,\n);\n',
    after: 'import postgres from "postgres";\nexport const sql = postgres(\n  process.env.DATABASE_URL!,\n  { max: 25 },\n);\n',
  },
  {
    name: 'pg, max written',
    library: 'pg',
    before: "import { Pool } from 'pg';\nexport const pool = new Pool({ max: 10 });\n",
    after: "import { Pool } from 'pg';\nexport const pool = new Pool({ max: 25 });\n",
  },
  {
    name: 'pg, the line is the one of max',
    library: 'pg',
    at: 'max: 10',
    before: "import { Pool } from 'pg';\n\nexport const pool = new Pool({\n  connectionString: process.env.DATABASE_URL,\n  max: 10,\n});\n",
    after: "import { Pool } from 'pg';\n\nexport const pool = new Pool({\n  connectionString: process.env.DATABASE_URL,\n  max: 25,\n});\n",
  },
  {
    name: 'pg, no arguments',
    library: 'pg',
    before: "const { Pool } = require('pg')\nmodule.exports = new Pool()\n",
    after: "const { Pool } = require('pg')\nmodule.exports = new Pool({ max: 25 })\n",
  },
  {
    name: 'pg, no parentheses',
    library: 'pg',
    before: "const pg = require('pg');\nconst pool = new pg.Pool;\n",
    after: "const pg = require('pg');\nconst pool = new pg.Pool({ max: 25 });\n",
  },
  { name: 'pg, empty object', library: 'pg', before: 'const pool = new Pool({});\n', after: 'const pool = new Pool({ max: 25 });\n' },
  { name: 'pg, on one line', library: 'pg', before: 'const pool = new Pool({ connectionString });\n', after: 'const pool = new Pool({ connectionString, max: 25 });\n' },
  {
    name: 'pg, on one line, trailing comma',
    library: 'pg',
    before: 'const pool = new Pool({connectionString, });\n',
    after: 'const pool = new Pool({connectionString, max: 25, });\n',
  },
  {
    name: 'pg, aliased import',
    library: 'pg',
    before: "import { Pool as PgPool } from 'pg';\nconst pool = new PgPool({ host });\n",
    at: 'new PgPool',
    after: "import { Pool as PgPool } from 'pg';\nconst pool = new PgPool({ host, max: 25 });\n",
  },
  {
    name: 'pg, default import destructured',
    library: 'pg',
    before: "import pg from 'pg';\nconst { Pool: P } = pg;\nconst pool = new P();\n",
    at: 'new P',
    after: "import pg from 'pg';\nconst { Pool: P } = pg;\nconst pool = new P({ max: 25 });\n",
  },
  {
    name: 'pg, spread that nobody can read here',
    library: 'pg',
    before: "import { db } from './config';\nconst pool = new Pool({ ...db });\n",
    after: "import { db } from './config';\nconst pool = new Pool({ ...db, max: 25 });\n",
  },
  {
    name: 'pg, spread of an object with max',
    library: 'pg',
    before: 'const base = { max: 10, host };\nconst pool = new Pool({ ...base });\n',
    after: 'const base = { max: 25, host };\nconst pool = new Pool({ ...base });\n',
  },
  {
    name: 'pg, options in a constant',
    library: 'pg',
    before: "const options: PoolConfig = {\n\thost: 'db', // the compose service\n\tmax: 10,\n};\nexport const pool = new Pool(options);\n",
    after: "const options: PoolConfig = {\n\thost: 'db', // the compose service\n\tmax: 25,\n};\nexport const pool = new Pool(options);\n",
  },
  {
    name: 'pg, options in a constant, the line is the one of max',
    library: 'pg',
    at: 'max: 10',
    before: 'const config = { db: { max: 10 } } as const;\nexport const pool = new Pool(config.db);\n',
    after: 'const config = { db: { max: 25 } } as const;\nexport const pool = new Pool(config.db);\n',
  },
  {
    name: 'pg, max in a constant of its own',
    library: 'pg',
    before: 'const MAX = 10; // per process\nconst pool = new Pool({ max: MAX });\n',
    after: 'const MAX = 25; // per process\nconst pool = new Pool({ max: MAX });\n',
  },
  {
    name: 'pg, CRLF and tabs, no trailing comma, trailing comment',
    library: 'pg',
    before: "const pool = new Pool({\r\n\thost: 'db',\r\n\tssl: true // always\r\n});\r\n",
    after: "const pool = new Pool({\r\n\thost: 'db',\r\n\tssl: true, // always\r\n\tmax: 25\r\n});\r\n",
  },
  {
    name: 'pg, trailing comma and comments',
    library: 'pg',
    before: "const pool = new Pool({\n    host: 'db',\n    ssl: true, // always\n    // nothing else\n});\n",
    after: "const pool = new Pool({\n    host: 'db',\n    ssl: true, // always\n    max: 25,\n    // nothing else\n});\n",
  },
  {
    name: 'pg, object that holds only a comment',
    library: 'pg',
    before: 'const pool = new Pool({\n  // defaults\n});\n',
    after: 'const pool = new Pool({\n  max: 25,\n  // defaults\n});\n',
  },
  {
    name: 'pg, a class field',
    library: 'pg',
    before: 'class Db {\n  private pool = new Pool({ max: 5 });\n}\n',
    after: 'class Db {\n  private pool = new Pool({ max: 25 });\n}\n',
  },
  {
    name: 'sequelize, pool absent',
    library: 'sequelize',
    before: "const sequelize = new Sequelize(database, user, password, {\n  host,\n  dialect: 'postgres',\n});\n",
    after: "const sequelize = new Sequelize(database, user, password, {\n  host,\n  dialect: 'postgres',\n  pool: { max: 25 },\n});\n",
  },
  {
    name: 'sequelize, pool present',
    library: 'sequelize',
    before: 'const s = new Sequelize(url, { pool: { min: 1, max: 5 } });\n',
    after: 'const s = new Sequelize(url, { pool: { min: 1, max: 25 } });\n',
  },
  {
    name: 'sequelize, pool without max',
    library: 'sequelize',
    before: 'const s = new Sequelize({ pool: { min: 1 } });\n',
    after: 'const s = new Sequelize({ pool: { min: 1, max: 25 } });\n',
  },
  {
    name: 'sequelize, connection string only',
    library: 'sequelize',
    before: 'const s = new Sequelize(process.env.DATABASE_URL!);\n',
    after: 'const s = new Sequelize(process.env.DATABASE_URL!, { pool: { max: 25 } });\n',
  },
  {
    name: 'sequelize, three texts',
    library: 'sequelize',
    before: "const s = new Sequelize('a', 'b', 'c');\n",
    after: "const s = new Sequelize('a', 'b', 'c', { pool: { max: 25 } });\n",
  },
  { name: 'mongoose, uri only', library: 'mongoose', at: 'connect(', before: 'await mongoose.connect(uri);\n', after: 'await mongoose.connect(uri, { maxPoolSize: 25 });\n' },
  {
    name: 'mongoose, options',
    library: 'mongoose',
    at: 'connect(',
    before: 'mongoose.connect(uri, { autoIndex: false }).then(start)\n',
    after: 'mongoose.connect(uri, { autoIndex: false, maxPoolSize: 25 }).then(start)\n',
  },
  {
    name: 'mongoose, several lines with a trailing comma',
    library: 'mongoose',
    at: 'connect(',
    before: 'mongoose.connect(\n  uri,\n);\n',
    after: 'mongoose.connect(\n  uri,\n  { maxPoolSize: 25 },\n);\n',
  },
  {
    name: 'mongoose, in the connection string',
    library: 'mongoose',
    at: 'connect(',
    before: "mongoose.connect('mongodb://db/shop?maxPoolSize=10&w=1');\n",
    after: "mongoose.connect('mongodb://db/shop?maxPoolSize=25&w=1');\n",
  },
  {
    name: 'mongoose, in .env',
    library: 'mongoose',
    file: '.env',
    at: 'MONGO',
    before: 'PORT=3000\nMONGO_URL=mongodb://db/shop?maxPoolSize=10\n',
    after: 'PORT=3000\nMONGO_URL=mongodb://db/shop?maxPoolSize=25\n',
  },
  { name: 'mongodb client', library: 'mongodb', before: 'const client = new MongoClient(uri);\n', after: 'const client = new MongoClient(uri, { maxPoolSize: 25 });\n' },
  {
    name: 'mysql2',
    library: 'mysql2',
    at: 'createPool',
    before: "const pool = mysql.createPool({ host, 'connectionLimit': 10 });\n",
    after: "const pool = mysql.createPool({ host, 'connectionLimit': 25 });\n",
  },
];

const TIMEOUT: readonly Row[] = [
  { name: 'pg', library: 'pg', before: 'const pool = new Pool({ max: 10 });\n', after: 'const pool = new Pool({ max: 10, connectionTimeoutMillis: 2000 });\n', value: 2000 },
  {
    name: 'pg, written',
    library: 'pg',
    before: 'const pool = new Pool({ connectionTimeoutMillis: 0 });\n',
    after: 'const pool = new Pool({ connectionTimeoutMillis: 2000 });\n',
    value: 2000,
  },
  {
    name: 'sequelize',
    library: 'sequelize',
    before: 'const s = new Sequelize(url, { pool: { max: 5 } });\n',
    after: 'const s = new Sequelize(url, { pool: { max: 5, acquire: 2000 } });\n',
    value: 2000,
  },
  { name: 'mongoose', library: 'mongoose', at: 'connect(', before: 'mongoose.connect(uri, {});\n', after: 'mongoose.connect(uri, { waitQueueTimeoutMS: 2000 });\n', value: 2000 },
];

const REFUSED: readonly { name: string; library: string; before: string; at?: string; because: RegExp }[] = [
  {
    name: 'options from another file',
    library: 'pg',
    before: "import { options } from './config';\nconst pool = new Pool(options);\n",
    because: /not an object literal in this file/,
  },
  { name: 'max from the environment', library: 'pg', before: 'const pool = new Pool({ max: Number(process.env.PG_MAX ?? 10) });\n', because: /set PG_MAX=25/ },
  { name: 'max computed', library: 'pg', before: 'const pool = new Pool({ max: cpus().length * 2 });\n', because: /computed/ },
  { name: 'max overridden by a later spread', library: 'pg', before: 'const pool = new Pool({ max: 10, ...overrides });\n', because: /overridden/ },
  {
    name: 'max in a constant that something else uses',
    library: 'pg',
    before: 'const SIZE = 10;\nconst pool = new Pool({ max: SIZE });\nstart(SIZE);\n',
    because: /used elsewhere/,
  },
  {
    name: 'a let that changes',
    library: 'pg',
    before: 'let options = { max: 10 };\noptions = other;\nconst pool = new Pool(options);\n',
    because: /not an object literal in this file/,
  },
  {
    name: 'a name that means two things',
    library: 'pg',
    before: 'const o = { max: 1 };\nfunction make(o) {\n  return new Pool(o);\n}\n',
    because: /not an object literal in this file/,
  },
  {
    name: 'sequelize pool from elsewhere',
    library: 'sequelize',
    before: "import { pool } from './pool';\nconst s = new Sequelize(url, { pool });\n",
    because: /not an object literal in this file/,
  },
  {
    name: 'sequelize pool perhaps in a spread',
    library: 'sequelize',
    before: "import { o } from './o';\nconst s = new Sequelize(url, { ...o });\n",
    because: /may be set by what is spread/,
  },
  { name: 'sequelize with unknown single argument', library: 'sequelize', before: 'const s = new Sequelize(load());\n', because: /not an object literal in this file/ },
  { name: 'spread arguments', library: 'mongoose', at: 'connect(', before: 'mongoose.connect(...args);\n', because: /spread/ },
  { name: 'a syntax error', library: 'pg', before: 'const pool = new Pool({ max: 10 ;\n', because: /syntax error/ },
  { name: 'two on one line', library: 'pg', before: 'const a = new Pool(), b = new Pool();\n', because: /more than one/ },
  { name: 'another construction', library: 'pg', before: 'const pool = new Thing({ max: 10 });\n', because: /does not construct/ },
  { name: 'a library without the option', library: 'redis', before: 'const r = new Redis();\n', because: /redis has no known option for a pool size/ },
];

const file = (row: { file?: string; before: string }) => row.file ?? (/require\(|module\.exports/.test(row.before) ? 'src/db.js' : 'src/db.ts');

describe.each([
  { recipe: 'set-pool-max', argument: 'value', rows: MAX, value: 25 },
  { recipe: 'set-acquire-timeout', argument: 'valueMs', rows: TIMEOUT, value: 2000 },
])('$recipe', ({ recipe, argument, rows, value }) => {
  it.each(rows)('$name', async (row) => {
    const args = { file: file(row), line: lineOf(row.before, row.at ?? 'new '), library: row.library, [argument]: value };
    const after = await applied(recipe, args, { [file(row)]: row.before });
    expect(after).toEqual({ [file(row)]: row.after });
    // A second time there is nothing to do, and nothing to break.
    expect(await applied(recipe, { ...args, line: lineOf(row.after, row.at?.replace('10', '25') ?? 'new ') }, after as Record<string, string>)).toEqual({
      cannot: expect.stringMatching(/ already$/),
    });
  });
});

describe('set-pool-max refuses', () => {
  it.each(REFUSED)('$name', async (row) => {
    const args = { file: file(row), line: lineOf(row.before, row.at ?? 'new '), library: row.library, value: 25 };
    expect(await applied('set-pool-max', args, { [file(row)]: row.before })).toEqual({ cannot: expect.stringMatching(row.because) });
  });
  it.each([0, -1, 2.5, Number.NaN])('the value %s', async (value) => {
    expect(await applied('set-pool-max', { file: 'a.ts', line: 1, library: 'pg', value }, { 'a.ts': 'new Pool();\n' })).toEqual({ cannot: expect.stringMatching(/whole number/) });
  });
  it('a file that is gone', async () => expect(await applied('set-pool-max', { file: 'a.ts', line: 1, library: 'pg', value: 5 }, {})).toEqual({ cannot: 'a.ts: no such file' }));
  it('mysql2 has no acquire timeout', async () =>
    expect(await applied('set-acquire-timeout', { file: 'a.ts', line: 1, library: 'mysql2', valueMs: 5 }, { 'a.ts': 'mysql.createPool({})' })).toEqual({
      cannot: expect.stringMatching(/queueLimit/),
    }));
  it('a recipe that nobody knows', async () => expect(await applied('set-nothing', {}, {})).toEqual({ cannot: 'there is no recipe set-nothing' }));
});

describe('set-acquire-timeout where the options come from elsewhere', () => {
  const waits = (library: string, text: string) => applied('set-acquire-timeout', { file: 'a.js', line: 2, library, valueMs: 2000 }, { 'a.js': text });
  it.each([
    [
      'mongodb',
      "const { MongoClient } = require('mongodb');\nconst client = new MongoClient(settings.mongo.url, settings.mongo.options);\n",
      'settings.mongo.options',
      '{ ...settings.mongo.options, waitQueueTimeoutMS: 2000 }',
    ],
    ['pg', "const { Pool } = require('pg');\nconst pool = new Pool(dbConfig);\n", 'dbConfig', '{ ...dbConfig, connectionTimeoutMillis: 2000 }'],
    [
      'mongodb',
      "const { MongoClient } = require('mongodb');\nMongoClient.connect(url, (error, client) => start(client));\n",
      '(error, client)',
      '{ waitQueueTimeoutMS: 2000 }, (error, client)',
    ],
  ])('%s: %s', async (library, before, mark, written) => {
    expect(await waits(library, before)).toEqual({ 'a.js': before.replace(mark, written) });
  });
  it.each([
    ['mongoose', "const mongoose = require('mongoose');\nmongoose.connect(url, whenConnected);\n"],
    ['pg', "const { Pool } = require('pg');\nconst pool = new Pool(makeConfig());\n"],
    ['sequelize', "const { Sequelize } = require('sequelize');\nconst db = new Sequelize(url, poolOptions);\n"],
  ])('refuses what may be no object, or has to be looked into: %s', async (library, before) => {
    expect(await waits(library, before)).toEqual({ cannot: 'the options are not an object literal in this file' });
  });
});
