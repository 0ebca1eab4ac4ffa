import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const signUp = (body: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', nodemailer: '^6.9.0' },
    {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`,
      'src/mail.ts': `import nodemailer from 'nodemailer';

export const transport = nodemailer.createTransport({ host: 'mail.example.org' });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';
import { transport } from './mail.ts';

const app = express();
app.post('/signup', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO users (email) VALUES ($1)', [req.body.email]);
${body}
});
app.listen(3000);
`,
    },
  );

/** The same with queues for what need not be waited for. */
const enqueueing = (files: Files): Files => ({
  ...files,
  'src/queues.ts': `import { Queue } from 'bullmq';

const options = { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } };
export const mails = new Queue('mails', options);
export const events = new Queue('events', options);
`,
  'src/server.ts': `import { events, mails } from './queues.ts';\n${files['src/server.ts']}`,
  'package.json': String(files['package.json']).replace('"express"', '"bullmq":"^5.34.0","express"'),
});

testRule('blocking-work-in-request', {
  cases: [
    {
      says: 'a mail that the answer does not need',
      state: 'weak',
      files: signUp(`  await transport.sendMail({ to: req.body.email, subject: 'welcome' }); // expect: blocking-work-in-request
  res.status(201).end();`),
    },
    {
      says: 'the client has its answer before',
      state: 'sound',
      files: signUp(`  ⟦res.status(201).end();⟧
  await transport.sendMail({ to: req.body.email, subject: 'welcome' }); // expect: blocking-work-in-request`),
    },
    {
      says: 'the client is told that no mail could be sent',
      state: 'unknown',
      files: signUp(`  try {
    await transport.sendMail({ to: req.body.email, subject: 'code' });
  } catch {
    return res.status(502).json({ error: 'no mail' });
  }
  res.status(201).end();`),
    },
  ],
  story: {
    says: 'a sign-up waits for a mail and for an event of analytics; both are jobs',
    before: signUp(`  await transport.sendMail({ to: req.body.email, subject: 'welcome' }); // expect: blocking-work-in-request
  await fetch('https://api.segment.io/v1/track', { method: 'POST', body: JSON.stringify({ event: 'signed up' }) }); // expect: blocking-work-in-request
  res.status(201).end();`),
    after: enqueueing(
      signUp(`  await mails.add('welcome', { to: req.body.email });
  await events.add('signed up', { to: req.body.email });
  res.status(201).end();`),
    ),
  },
});
