import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const jobs = (options: string): Files =>
  service(
    { bullmq: '^5.34.0', pg: '^8.13.0', express: '^4.21.0' },
    {
      'src/queue.ts': `import { Queue } from 'bullmq';

export const mails = new Queue('mails', { connection: { host: 'redis', port: 6379 } });
`,
      'src/server.ts': `import express from 'express';
import { Worker } from 'bullmq';
import { Pool } from 'pg';
import { mails } from './queue.ts';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
new Worker('mails', async (job) => {
  await pool.query('UPDATE mails SET sent = true WHERE id = $1', [job.data.id]);
}, { connection: { host: 'redis', port: 6379 } });
const app = express();
app.post('/mails', async (req, res) => {
  await mails.add('send', { id: req.body.id }${options});${options.includes('removeOnFail') ? ' // expect: missing-dead-letter' : ''}
  res.status(202).end();
});
app.listen(3000);
`,
    },
  );
const rabbit = (consume: string, declared = "'orders'", work = "await pool.query('INSERT INTO orders (id) VALUES ($1)', [order.id]);"): Files =>
  service(
    { amqplib: '^0.10.0', pg: '^8.13.0' },
    {
      'src/server.ts': `import amqp from 'amqplib';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
async function start() {
  const connection = await amqp.connect('amqp://rabbitmq:5672');
  const channel = await connection.createChannel();
  await channel.assertQueue(${declared});
${consume.replace('WORK', work)}
}
start();
`,
    },
  );
const CONSUME = `  channel.consume('orders', async (message) => { // expect: missing-dead-letter
    const order = JSON.parse(message.content.toString());
    WORK
    channel.ack(message);
  });`;

testRule('missing-dead-letter', {
  remedy: 'keep-failed-jobs',
  cases: [
    { says: 'nothing is left of a job that failed', state: 'weak', files: jobs(', { removeOnFail: true }') },
    { says: 'a message that nobody gives back', state: 'weak', files: rabbit(CONSUME) },
    { says: 'acknowledged unseen', state: 'weak', files: rabbit(CONSUME.replace('    channel.ack(message);\n  });', '  }, { noAck: true });')) },
    { says: 'the last failed jobs are kept', state: 'sound', files: jobs(', { removeOnFail: ⟦!⟧true }') },
    { says: 'an exchange for the dead', state: 'sound', files: rabbit(CONSUME, "'orders'⟦, { deadLetterExchange: 'dead' }⟧") },
    { says: 'given back to the dead', state: 'sound', files: rabbit(CONSUME.replace('    WORK', '    if (!order.id) ⟦return channel.nack(message, false, false)⟧;\n    WORK')) },
    { says: 'a handler that only prints', state: 'unknown', files: rabbit(CONSUME.replace(/ \/\/ expect.*/, ''), "'orders'", 'console.log(order.id);') },
    { says: 'a queue that somebody else declares', state: 'unknown', files: rabbit(CONSUME.replace(/ \/\/ expect.*/, ''), "'refunds'") },
  ],
});
