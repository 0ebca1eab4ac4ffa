import type { Fix } from './fix.ts';
import { compose, express, pgPool, plain, POSTGRES, typed } from './shops.ts';

const signUp = `app.post('/signup', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO users (email) VALUES ($1)', [req.body.email]);
  // a word of welcome
  await transport.sendMail({ to: req.body.email, subject: 'welcome' });
  res.status(201).end();
});`;

export default [
  {
    says: 'Express, TypeScript, nodemailer, in compose',
    remedy: 'enqueue-call',
    files: typed(
      { ...POSTGRES, nodemailer: '^6.9.0' },
      {
        ...pgPool('max: 10,'),
        'src/mail.ts': `import nodemailer from 'nodemailer';

export const transport = nodemailer.createTransport({ host: 'mail.example.org' });
`,
        ...express(signUp, "\nimport { transport } from './mail.ts';"),
        ...compose(),
      },
    ),
    scenario: { targetPerSecond: 100 },
    changes: [
      '+ api POST /signup: INSERT users; publish api-errands',
      '+ api → redis publish',
      '+ api-errands-worker takes api-errands: ask smtp',
      '+ api-errands-worker → redis consume',
      '+ api-errands-worker → smtp smtp',
      '+ api-errands-worker→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ api→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ queue api-errands: bullmq, tried 3 exponential 1000, done by api-errands-worker × 29',
      '+ queue redis: redis, runtime, 1 × 1, accepts 10000',
      '+ worker api-errands-worker: node express 4, runtime, 1 × 1',
      '- api POST /signup: INSERT users; ask smtp',
      '- api → smtp smtp',
    ],
  },
  {
    says: 'Fastify, JavaScript, a function that mails',
    remedy: 'enqueue-call',
    files: plain(
      { fastify: '^5.2.0', nodemailer: '^6.9.0', pg: '^8.13.0' },
      {
        'src/mail.js': `const nodemailer = require('nodemailer');

const transport = nodemailer.createTransport({ host: 'mail.example.org' });
async function welcome(to) {
  await transport.sendMail({ to, subject: 'welcome' });
}
module.exports = { welcome };
`,
        'src/server.js': `const fastify = require('fastify')();
const { Pool } = require('pg');
const { welcome } = require('./mail');

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000 });
fastify.post('/signup', async (request, reply) => {
  await pool.query('INSERT INTO users (email) VALUES ($1)', [request.body.email]);
  await welcome(request.body.email);
  reply.code(201).send();
});
fastify.listen({ port: 3000 });
`,
      },
    ),
    scenario: { targetPerSecond: 100 },
    changes: [
      '+ api POST /signup: INSERT users; publish api-errands',
      '+ api → redis publish',
      '+ api→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ queue api-errands: bullmq, tried 3 exponential 1000, done by worker-api-errands × 29',
      '+ queue redis: redis, runtime, 1 × 1',
      '+ worker worker-api-errands: node fastify 5, runtime, 1 × 1',
      '+ worker-api-errands takes api-errands: ask smtp',
      '+ worker-api-errands → redis consume',
      '+ worker-api-errands → smtp smtp',
      '+ worker-api-errands→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '- api POST /signup: INSERT users; ask smtp',
      '- api → smtp smtp',
    ],
  },
] satisfies readonly Fix[];
