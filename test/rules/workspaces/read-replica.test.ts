import { service, testRule } from './case.ts';

const compose = (more = '') => `services:
  api:
    build: .
    ports: ['3000:3000']
    environment:
      DB_HOST: db
  db:
    image: postgres:16
    cpus: 2
${more}`;
const READER = `  db-reader:
    image: postgres:16
    cpus: 2
    command: sh -c 'pg_basebackup -h db -D /data -R && exec postgres -D /data'
`;
const measured = (...values: [string, number][]) =>
  JSON.stringify({ measurements: values.map(([input, value]) => ({ input, value, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' })) });
const TIMES = measured(['db SELECT posts', 40], ['db INSERT posts', 4]);

/** A blog: its posts are read all the time, and written now and then. */
const blog = (list: string, write: string, files: Record<string, string> = {}) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': compose(),
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      'src/db.ts': `import { Pool } from 'pg';

export const writer = new Pool({ host: process.env.DB_HOST, max: 40 });
export const reader = new Pool({ host: process.env.DB_HOST, max: 40 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { reader, writer } from './db.ts';

const app = express();
app.get('/posts/:author', async (req: Request, res: Response) => {
${list}
  res.json(found.rows);
});
app.post('/posts', async (req: Request, res: Response) => {
${write}
  res.status(201).end();
});
app.listen(3000);
`,
      'faultline.json': TIMES,
      ...files,
    },
  );
const LIST = "  const found = await reader.query('SELECT * FROM posts WHERE author = $1', [req.params.author]); // expect: read-replica";
const INSERT = "  await writer.query('INSERT INTO posts (author, body) VALUES ($1, $2)', [req.body.author, req.body.body]);";
const quiet = LIST.replace(/ \/\/.*/, '');

const sequelize = (replication: string) =>
  service(
    { express: '^4.21.0', sequelize: '^6.37.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': compose(),
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      'src/db.ts': `import { DataTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize('blog', '', '', { dialect: 'postgres', host: 'db', pool: { max: 40 }${replication} });
export const Post = sequelize.define('Post', { author: DataTypes.STRING, body: DataTypes.TEXT });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Post } from './db.ts';

const app = express();
app.get('/posts/:author', async (req: Request, res: Response) => {
  const posts = await Post.findAll({ where: { author: req.params.author }, limit: 20 }); // expect: read-replica
  res.json(posts);
});
app.get('/count', async (req: Request, res: Response) => {
  res.json({ posts: await Post.count() });
});
app.post('/posts', async (req: Request, res: Response) => {
  await Post.create({ author: req.body.author, body: req.body.body });
  res.status(201).end();
});
app.listen(3000);
`,
      'faultline.json': measured(['db Post.findAll', 40], ['db Post.count', 1], ['db Post.create', 40]),
    },
  );

const mongo = (
  uri: string,
  list: string,
  write = 'await Post.create({ author: req.body.author, body: req.body.body });',
  values: [string, number][] = [
    ['Post.find', 40],
    ['Post.create', 4],
  ],
) =>
  service(
    { express: '^4.21.0', mongoose: '^8.9.0' },
    {
      'docker-compose.yml': 'services:\n  api:\n    build: .\n    ports: ["3000:3000"]\n  one:\n    image: mongo:8\n    cpus: 2\n',
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      'src/posts.ts': `import mongoose from 'mongoose';

mongoose.connect('${uri}');
const schema = new mongoose.Schema({ author: String, body: String });
schema.index({ author: 1 });
export const Post = mongoose.model('Post', schema);
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Post } from './posts.ts';

const app = express();
app.get('/posts/:author', async (req: Request, res: Response) => {
  ${list}
  res.json(posts);
});
app.post('/posts', async (req: Request, res: Response) => {
  ${write}
  res.status(201).end();
});
app.listen(3000);
`,
      'faultline.json': measured(...values.map(([label, ms]): [string, number] => [`one ${label}`, ms])),
    },
  );
const ALONE = 'mongodb://one:27017/blog';
const SET = 'mongodb://one:27017,two.example.com:27017,three.example.com:27017/blog?replicaSet=rs0';
const find = (more = '') => `const posts = await Post.find({ author: req.params.author }).limit(20)${more};`;
const EXPECTED = `${find()} // expect: read-replica`;

testRule('read-replica', {
  remedy: 'add-read-replica',
  cases: [
    { says: 'every list of posts from the server that takes them', state: 'weak', scenario: { targetPerSecond: 200 }, files: blog(LIST, INSERT) },
    { says: 'Sequelize, all on one server', state: 'weak', scenario: { targetPerSecond: 400 }, files: sequelize('') },
    {
      says: 'Sequelize sends what it reads to another',
      state: 'sound',
      scenario: { targetPerSecond: 400 },
      files: sequelize("⟦, replication: { write: {}, read: [{ host: 'elsewhere.example.com' }] }⟧"),
    },
    {
      says: 'a second pool leads to a copy',
      state: 'sound',
      scenario: { targetPerSecond: 200 },
      files: blog(LIST, INSERT, {
        'docker-compose.yml': compose(READER),
        'src/db.ts': `import { Pool } from 'pg';

export const writer = new Pool({ host: process.env.DB_HOST, max: 40 });
export const reader = new Pool({ host: 'db⟦-reader⟧', max: 40 });
`,
      }),
    },
    { says: 'Mongoose, one server', state: 'weak', scenario: { targetPerSecond: 200 }, files: mongo(ALONE, EXPECTED) },
    { says: 'Mongoose, a replica set whose primary answers all', state: 'weak', scenario: { targetPerSecond: 200 }, files: mongo(SET, EXPECTED) },
    {
      says: 'Mongoose, a read that says that it may be old',
      state: 'sound',
      scenario: { targetPerSecond: 200 },
      files: mongo(SET, "const posts = await Post.find({ author: req.params.author }).limit(20)⟦.read('secondaryPreferred')⟧; // expect: read-replica"),
    },
    {
      says: 'Mongoose, a visit that is counted beside the list',
      state: 'unknown',
      scenario: { targetPerSecond: 200 },
      files: mongo(SET, `await Post.updateOne({ author: req.params.author }, { $inc: { visits: 1 } });\n  ${find()}`),
    },
    {
      says: 'Mongoose, posts that are mostly written',
      state: 'unknown',
      scenario: { targetPerSecond: 300, mix: { 'api POST /posts': 1 } },
      files: mongo(SET, find(), undefined, [
        ['Post.find', 1],
        ['Post.create', 40],
      ]),
    },
    {
      says: 'two pools, of which nobody says where they lead',
      state: 'unknown',
      scenario: { targetPerSecond: 2000 },
      files: blog(quiet, INSERT, {
        'docker-compose.yml': 'services:\n  api:\n    build: .\n    ports: ["3000:3000"]\n',
        'src/db.ts': `import { Pool } from 'pg';

export const writer = new Pool({ connectionString: process.env.DB_PRIMARY_URL, max: 40 });
export const reader = new Pool({ connectionString: process.env.DB_REPLICA_URL, max: 40 });
`,
        'faultline.json': measured(['replica-db SELECT posts', 40], ['primary-db INSERT posts', 4], ['parallelism replica-db', 2]).replace(
          /"value":2,"unit":"ms"/,
          '"value":2,"unit":"cores"',
        ),
      }),
    },
    {
      says: 'posts are mostly written',
      state: 'unknown',
      scenario: { targetPerSecond: 200, mix: { 'api POST /posts': 1 } },
      files: blog(quiet, INSERT, { 'faultline.json': measured(['db SELECT posts', 1], ['db INSERT posts', 40]) }),
    },
    {
      says: 'a page that counts its visit beside the list',
      state: 'unknown',
      scenario: { targetPerSecond: 200 },
      files: blog(`${quiet}\n  await writer.query('UPDATE authors SET visits = visits + 1 WHERE id = $1', [req.params.author]);`, INSERT),
    },
    {
      says: 'a small pool',
      state: 'unknown',
      scenario: { targetPerSecond: 200 },
      files: blog(quiet, INSERT, {
        'src/db.ts': "import { Pool } from 'pg';\n\nexport const writer = new Pool({ host: process.env.DB_HOST, max: 1 });\nexport const reader = writer;\n",
      }),
    },
    { says: 'a target that is carried', state: 'unknown', scenario: { targetPerSecond: 10 }, files: blog(quiet, INSERT) },
    {
      says: 'a compose file for desks',
      state: 'unknown',
      scenario: { targetPerSecond: 200 },
      files: blog(quiet, INSERT, { 'docker-compose.yml': compose().replace('build: .', "build: .\n    command: npx nodemon src/server.ts\n    volumes: ['.:/app']") }),
    },
  ],
  story: {
    says: 'all posts from the server that takes them; from a copy that follows it',
    scenario: { targetPerSecond: 200 },
    before: blog(LIST.replace('reader', 'writer'), INSERT),
    after: blog(quiet, INSERT, {
      'docker-compose.yml': compose(READER),
      'src/db.ts': `import { Pool } from 'pg';

export const writer = new Pool({ host: process.env.DB_HOST, max: 40 });
export const reader = new Pool({ host: 'db-reader', max: 40 });
`,
    }),
  },
});
