import { describe, expect, it } from 'vitest';
import { applied, lineOf } from './bench.ts';

interface Row {
  name: string;
  library: string;
  at: string;
  before: string;
  after: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'no options',
    library: 'bullmq',
    at: 'new Worker',
    before: "const worker = new Worker('mail', send);\n",
    after: "const worker = new Worker('mail', send, { concurrency: 20 });\n",
  },
  { name: 'options', library: 'bullmq', at: 'new Worker', before: "new Worker('mail', send, {connection})\n", after: "new Worker('mail', send, {connection, concurrency: 20})\n" },
  {
    name: 'written',
    library: 'bullmq',
    at: 'concurrency',
    before: "new Worker('mail', send, {\n  connection,\n  concurrency: 1, // one at a time\n});\n",
    after: "new Worker('mail', send, {\n  connection,\n  concurrency: 20, // one at a time\n});\n",
  },
  {
    name: 'the layout of the generated project',
    library: 'bullmq',
    at: 'new Worker',
    before: "const emailWorker = new Worker(\n  'email-queue',\n  async (job) => {\n    await new Worker.Thing(job);\n  },\n  { connection: redisClient.client }\n);\n",
    after:
      "const emailWorker = new Worker(\n  'email-queue',\n  async (job) => {\n    await new Worker.Thing(job);\n  },\n  { connection: redisClient.client, concurrency: 20 }\n);\n",
  },
  {
    name: 'an alias',
    library: 'bullmq',
    at: 'new W(',
    before: "const { Worker: W } = require('bullmq')\nnew W('mail', send)\n",
    after: "const { Worker: W } = require('bullmq')\nnew W('mail', send, { concurrency: 20 })\n",
  },
  {
    name: 'a decorator',
    library: 'bullmq',
    at: '@Processor',
    before: "@Processor('mail')\nexport class Mailer {}\n",
    after: "@Processor('mail', { concurrency: 20 })\nexport class Mailer {}\n",
  },
  {
    name: 'kafkajs',
    library: 'kafkajs',
    at: '.run(',
    before: 'await consumer.run({\r\n\teachMessage: async ({ message }) => handle(message),\r\n});\r\n',
    after: 'await consumer.run({\r\n\teachMessage: async ({ message }) => handle(message),\r\n\tpartitionsConsumedConcurrently: 20,\r\n});\r\n',
  },
  { name: 'bull, processor only', library: 'bull', at: '.process(', before: 'queue.process(async (job) => work(job));\n', after: 'queue.process(20, async (job) => work(job));\n' },
  { name: 'bull, named', library: 'bull', at: '.process(', before: "queue.process('send', send)\n", after: "queue.process('send', 20, send)\n" },
  { name: 'bull, written', library: 'bull', at: '.process(', before: "queue.process('send', 5, send)\n", after: "queue.process('send', 20, send)\n" },
];

describe('set-worker-concurrency', () => {
  it.each(ROWS)('$name', async ({ library, at, before, after }) => {
    const call = { file: 'src/worker.ts', library, value: 20 };
    const done = await applied('set-worker-concurrency', { ...call, line: lineOf(before, at) }, { 'src/worker.ts': before });
    expect(done).toEqual({ 'src/worker.ts': after });
    expect(await applied('set-worker-concurrency', { ...call, line: lineOf(after, at) }, done as Record<string, string>)).toEqual({ cannot: expect.stringMatching(/ already$/) });
  });

  it.each([
    ['options from elsewhere', 'bullmq', "import { o } from './o';\nnew Worker('mail', send, o);\n", /not an object literal in this file/],
    ['from the environment', 'bullmq', "new Worker('mail', send, { concurrency: +process.env.JOBS });\n", /set JOBS=20/],
    ['no processor', 'bullmq', "new Worker('mail');\n", /without a processor/],
    ['another library', 'amqplib', "channel.consume('mail', send);\n", /no concurrency option/],
  ] as [string, string, string, RegExp][])('refuses: %s', async (_name, library, before, because) => {
    const line = before.split('\n').length - 1;
    expect(await applied('set-worker-concurrency', { file: 'a.ts', line, library, value: 20 }, { 'a.ts': before })).toEqual({ cannot: expect.stringMatching(because) });
  });
});
