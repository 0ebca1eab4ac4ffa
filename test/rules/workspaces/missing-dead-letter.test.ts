import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const SENT = "await pool.query('UPDATE mails SET sent = true WHERE id = $1', [job.data.id]);";
const jobs = (options: string, work = SENT): Files =>
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
  ${work}
}, { connection: { host: 'redis', port: 6379 } });
const app = express();
app.post('/mails', async (req, res) => {
  await mails.add('send', { id: req.body.id }${options});${options.includes('removeOnFail') && work === SENT ? ' // expect: missing-dead-letter' : ''}
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
const bound = (queue: string, work = "await pool.query('INSERT INTO found (id) VALUES ($1)', [post.id]);"): Files =>
  rabbit(
    `  const own = await channel.assertQueue(${queue});
  await channel.bindQueue(own.queue, 'events', 'post.created');
  channel.consume(own.queue, async (message) => {${work.startsWith('await') ? ' // expect: missing-dead-letter' : ''}
    const post = JSON.parse(message.content.toString());
    ${work}
    channel.ack(message);
  });`,
  );
const CONSUME = `  channel.consume('orders', async (message) => { // expect: missing-dead-letter
    const order = JSON.parse(message.content.toString());
    WORK
    channel.ack(message);
  });`;

const kafka = (handle: string, mark = ' // expect: missing-dead-letter'): Files =>
  service(
    { kafkajs: '^2.2.0', pg: '^8.13.0' },
    {
      'src/server.ts': `import { Kafka } from 'kafkajs';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
const kafka = new Kafka({ brokers: ['kafka:9092'] });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'shop' });
const store = async (id: string) => {
  await pool.query('INSERT INTO orders (id) VALUES ($1)', [id]);
};
async function start() {
  await consumer.subscribe({ topic: 'orders' });
  await consumer.run({${mark}
    eachMessage: async ({ message }) => {
      const order = JSON.parse(String(message.value));
${handle}
    },
  });
}
start();
`,
    },
  );
const worker = `const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
exports.handler = async (event) => { for (const it of event.Records) await pool.query('INSERT INTO orders (id) VALUES ($1)', [it.body]); };
`;
const template = (queue: string, weak = ' # expect: missing-dead-letter'): Files => ({
  'package.json': JSON.stringify({ name: 'shop', dependencies: { pg: '^8.13.0' } }),
  'src/work.js': worker,
  'serverless.yml': `service: shop
provider: { name: aws, runtime: nodejs22.x }
functions:
  work:
    handler: src/work.handler
    events:
      - sqs: { arn: !GetAtt Orders.Arn }
resources:
  Resources:
    Orders:${weak}
      Type: AWS::SQS::Queue
      Properties: { QueueName: orders${queue} }
`,
});
const program = (props: string, weak = ' // expect: missing-dead-letter'): Files => ({
  'package.json': JSON.stringify({ name: 'shop', dependencies: { 'aws-cdk-lib': '^2.170.0', pg: '^8.13.0' } }),
  'cdk.json': JSON.stringify({ app: 'npx tsx app.ts' }),
  'src/work.js': worker,
  'app.ts': `import { App, Stack, aws_lambda as lambda, aws_sqs as sqs } from 'aws-cdk-lib';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';

const stack = new Stack(new App(), 'Shop');
const dead = new sqs.Queue(stack, 'Dead');
const orders = new sqs.Queue(stack, 'Orders', {${props}});${weak}
new NodejsFunction(stack, 'Work', { entry: 'src/work.js', runtime: lambda.Runtime.NODEJS_22_X, events: [new SqsEventSource(orders)] });
`,
});

testRule('missing-dead-letter', {
  remedy: 'keep-failed-jobs',
  cases: [
    { says: 'nothing is left of a job that failed', state: 'weak', files: jobs(', { removeOnFail: true }') },
    { says: 'a message that nobody gives back', state: 'weak', files: rabbit(CONSUME) },
    { says: 'acknowledged unseen', state: 'weak', files: rabbit(CONSUME.replace('    channel.ack(message);\n  });', '  }, { noAck: true });')) },
    { says: 'a queue of a template without one for the dead', state: 'weak', files: template('') },
    { says: 'a queue of a program without one for the dead', state: 'weak', files: program('') },
    {
      says: 'a template that says how often a message is tried',
      state: 'sound',
      files: template('⟦, RedrivePolicy: { deadLetterTargetArn: "arn:aws:sqs:eu-west-1:1:dead", maxReceiveCount: 5 }⟧'),
    },
    { says: 'a program that says how often a message is tried', state: 'sound', files: program('⟦ deadLetterQueue: { queue: dead, maxReceiveCount: 5 } ⟧') },
    { says: 'a queue whose properties come from elsewhere', state: 'unknown', files: program(' ...given() ', '') },
    {
      says: 'a job whose error ends in a log',
      state: 'unknown',
      files: jobs(', { removeOnFail: true }', `await ${SENT.replace('await ', '').replace(/;$/, '')}.catch((error) => console.error(error));`),
    },
    {
      says: 'a job with a row of its own, which tells how far it is',
      state: 'unknown',
      files: jobs(
        ', { removeOnFail: true }',
        `const { rows } = await pool.query('SELECT * FROM mails WHERE id = $1', [job.data.id]);\n  if (rows[0].state !== 'new') return;\n  ${SENT}`,
      ),
    },
    { says: 'the last failed jobs are kept', state: 'sound', files: jobs(', { removeOnFail: ⟦!⟧true }') },
    { says: 'an exchange for the dead', state: 'sound', files: rabbit(CONSUME, "'orders'⟦, { deadLetterExchange: 'dead' }⟧") },
    { says: 'given back to the dead', state: 'sound', files: rabbit(CONSUME.replace('    WORK', '    if (!order.id) ⟦return channel.nack(message, false, false)⟧;\n    WORK')) },
    { says: 'a queue that ends with its connection', state: 'weak', files: bound("''") },
    { says: 'a queue with a name and an exchange for the dead', state: 'sound', files: bound("⟦'search', { deadLetterExchange: 'dead' }⟧") },
    { says: 'whoever only looks at what is told has a queue of his own', state: 'unknown', files: bound("''", 'console.log(post.id);') },
    { says: 'a message of Kafka that nobody puts aside', state: 'weak', files: kafka('      await store(order.id);') },
    {
      says: 'a message of Kafka whose error is a line in a log',
      state: 'weak',
      files: kafka(
        `      try {
        await store(order.id);
      } catch (error) { // expect: missing-dead-letter
        console.error(error);
      }`,
        '',
      ),
    },
    {
      says: 'an error that is thrown on is nobody’s yet',
      state: 'weak',
      files: kafka(
        `      try {
        await store(order.id);
      } catch (error) {
        console.error(error);
        throw error;
      }`,
      ),
    },
    {
      says: 'a message of Kafka that goes to a topic of its own',
      state: 'unknown',
      files: kafka(
        `      try {
        await store(order.id);
      } catch {
        await producer.send({ topic: 'orders.dead', messages: [message] });
      }`,
        '',
      ),
    },
    { says: 'rounds that nobody waits for', state: 'unknown', files: kafka('      order.ids.forEach(async (id: string) => store(id));', '') },
    {
      says: 'code of its own behind a promise',
      state: 'unknown',
      files: kafka('      await store(order.id).catch((error) => producer.send({ topic: "orders.dead", messages: [message] }));', ''),
    },
    { says: 'a handler that only prints', state: 'unknown', files: rabbit(CONSUME.replace(/ \/\/ expect.*/, ''), "'orders'", 'console.log(order.id);') },
    { says: 'a queue that somebody else declares', state: 'unknown', files: rabbit(CONSUME.replace(/ \/\/ expect.*/, ''), "'refunds'") },
  ],
  story: {
    says: 'orders that cannot be done are thrown away after four days; after the third try they lie in a queue of their own',
    before: template(''),
    after: template(', RedrivePolicy: { deadLetterTargetArn: "arn:aws:sqs:eu-west-1:1:orders-dead", maxReceiveCount: 3 }', ''),
  },
});
