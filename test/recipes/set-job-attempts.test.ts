import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';

const args = (text: string) => ({ file: 'src/queue.ts', line: lineOf(text, 'new '), attempts: 5, backoffMs: 1000 });
const run = (text: string): Promise<Files | { cannot: string }> => applied('set-job-attempts', args(text), { 'package.json': '{}\n', 'src/queue.ts': text });
const queue = (options: string): string => `import { Queue } from 'bullmq';\n\n// Mails to send.\nexport const mails = new Queue('mails'${options});\n`;
const BACKOFF = "backoff: { type: 'exponential', delay: 1000 }";

describe('set-job-attempts', () => {
  it.each<[string, string, string]>([
    ['no options', '', `, { defaultJobOptions: { attempts: 5, ${BACKOFF} } }`],
    ['options without jobs', ", { connection: { host: 'redis' } }", `, { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, ${BACKOFF} } }`],
    ['other job options', ', { defaultJobOptions: { removeOnComplete: true } }', `, { defaultJobOptions: { removeOnComplete: true, attempts: 5, ${BACKOFF} } }`],
    ['attempts alone', ', { defaultJobOptions: { attempts: 3 } }', `, { defaultJobOptions: { attempts: 5, ${BACKOFF} } }`],
    ['enough attempts', ', { defaultJobOptions: { attempts: 5, removeOnFail: 100 } }', `, { defaultJobOptions: { attempts: 5, removeOnFail: 100, ${BACKOFF} } }`],
    [
      'on lines of their own',
      ", {\n  connection: { host: 'redis' }, // one Redis\n}",
      `, {\n  connection: { host: 'redis' }, // one Redis\n  defaultJobOptions: { attempts: 5, ${BACKOFF} },\n}`,
    ],
  ])('%s', async (_says, before, after) => {
    expect(await run(queue(before))).toMatchObject({ 'src/queue.ts': queue(after) });
  });

  it('Bull before BullMQ', async () => {
    const text = "const Queue = require('bull');\nconst mails = new Queue('mails');\n";
    expect(await run(text)).toMatchObject({
      'src/queue.ts': `const Queue = require('bull');\nconst mails = new Queue('mails', { defaultJobOptions: { attempts: 5, ${BACKOFF} } });\n`,
    });
  });

  it.each<[string, string]>([
    ['a backoff that is there', ', { defaultJobOptions: { attempts: 3, backoff: 500 } }'],
    ['options from elsewhere', ', options'],
    ['options that are spread', ', { ...options }'],
  ])('refuses %s', async (_says, options) => {
    expect(await run(queue(options))).toHaveProperty('cannot');
  });

  it('says what it looked for', async () => {
    expect(await run("import { Mails } from './mails';\nexport const mails = new Mails();\n")).toEqual({ cannot: expect.stringMatching(/does not construct Queue or Bull$/) });
  });
});
