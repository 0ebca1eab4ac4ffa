import type { ModuleKind } from './modules.ts';
import type { Source } from './source.ts';

/** What the new files of a queue are made of. */
export interface QueueParts {
  queue: string;
  /** Name of the exported queue: `apiWritesQueue`. */
  variable: string;
  technology: 'bullmq' | 'kafka';
  kind: ModuleKind;
  style: Pick<Source, 'quote' | 'semicolon' | 'eol' | 'typed'>;
  /** Imports of what the job uses, the function that does it first, as they read in the worker's file. */
  workImports: readonly WorkImport[];
  /** Where what the job uses has to be connected first: the async function that does it. */
  startUp: string | null;
  /** Specifier of the queue file from the worker's file. */
  queueSpecifier: string;
  job: Job;
  concurrency: number;
}

export interface WorkImport {
  name: string;
  specifier: string;
  line: string;
}

export interface Job {
  name: string;
  call: string;
  /** What takes the result of the call, where `after` needs it. */
  result: string | null;
  /** Lines of the handler that are done once the call is. */
  after: readonly string[];
}

/** Lines that come from the workspace as they stand there. */
const AS_WRITTEN = '\u0001';

/** Code in the house's plainest form, brought to the style of the file beside it. */
function styled(lines: readonly string[], { style }: QueueParts): string {
  return lines
    .map((it) => (it.includes(AS_WRITTEN) ? it.replace(AS_WRITTEN, '') : it.replace(/;$/, style.semicolon).replaceAll("'", style.quote)))
    .concat('')
    .join(style.eol);
}

const take = (parts: QueueParts, names: string, module: string): string =>
  parts.kind === 'import' ? `import { ${names} } from '${module}';` : `const { ${names} } = require('${module}');`;

/** One case of the worker's switch. */
export function caseLines(job: Job, quote: string, semicolon: string): string[] {
  const declares = job.result !== null || job.after.some((it) => /^(const|let|var)\b/.test(it));
  return [
    `case ${quote}${job.name}${quote}:${declares ? ' {' : ''}`,
    `  ${job.result === null ? '' : `const ${job.result} = `}await ${job.call}${semicolon}`,
    ...job.after.map((it) => (it.trim() === '' ? '' : `  ${it}`)),
    `  break${semicolon}`,
    ...(declares ? ['}'] : []),
  ];
}

/** In both files: a worker that took it from the queue's file would open the queue too. */
const CONNECTION = [
  'const connection = {',
  "  host: process.env.REDIS_HOST ?? 'localhost',",
  '  port: Number(process.env.REDIS_PORT ?? 6379),',
  '  maxRetriesPerRequest: null,',
  '};',
];

export function queueFile(parts: QueueParts): string {
  const exported = parts.kind === 'import' ? 'export ' : '';
  const tail = (names: string) => (parts.kind === 'require' ? ['', `module.exports = { ${names} };`] : []);
  if (parts.technology === 'bullmq')
    return styled(
      [
        take(parts, 'Queue', 'bullmq'),
        '',
        ...CONNECTION,
        '',
        '/** Accepted writes that the worker has yet to do. */',
        `${exported}const ${parts.variable} = new Queue('${parts.queue}', {`,
        '  connection,',
        "  defaultJobOptions: { attempts: 3, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: 1000 },",
        '});',
        ...tail(parts.variable),
      ],
      parts,
    );
  return styled(
    [
      take(parts, 'randomUUID', 'node:crypto'),
      take(parts, 'Kafka', 'kafkajs'),
      '',
      `${exported}const kafka = new Kafka({`,
      `  clientId: '${parts.queue}',`,
      "  brokers: (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(','),",
      '});',
      '',
      'const producer = kafka.producer();',
      parts.style.typed ? 'let connected: Promise<void> | undefined;' : 'let connected;',
      '',
      '/** Accepted writes that the worker has yet to do. */',
      `${exported}const ${parts.variable} = {`,
      parts.style.typed ? '  async add(name: string, data: unknown) {' : '  async add(name, data) {',
      '    connected ??= producer.connect();',
      '    await connected;',
      '    const id = randomUUID();',
      `    await producer.send({ topic: '${parts.queue}', messages: [{ key: id, value: JSON.stringify({ name, data }) }] });`,
      '    return { id };',
      '  },',
      '};',
      ...tail(`kafka, ${parts.variable}`),
    ],
    parts,
  );
}

export function workerFile(parts: QueueParts): string {
  const { job, startUp } = parts;
  const cases = caseLines({ ...job, after: job.after.map((it) => (it === '' ? it : `${AS_WRITTEN}${it}`)) }, "'", ';').map((it) => (it === '' ? it : `      ${it}`));
  const imports = parts.workImports.map((it) => it.line);
  const start = startUp === null ? [] : ['', `${startUp}().catch((error${parts.style.typed ? ': unknown' : ''}) => {`, '  console.error(error);', '  process.exit(1);', '});'];
  const steps = ['    switch (job.name) {', ...cases, '      default:', "        throw new Error('no such job: ' + job.name);", '    }'];
  if (parts.technology === 'bullmq')
    return styled(
      [
        take(parts, 'Worker', 'bullmq'),
        ...imports,
        '',
        ...CONNECTION,
        ...start,
        '',
        'const worker = new Worker(',
        `  '${parts.queue}',`,
        '  async (job) => {',
        ...steps,
        '  },',
        `  { connection, concurrency: ${parts.concurrency} },`,
        ');',
        '',
        "worker.on('failed', (job, error) => {",
        `  console.error('${parts.queue}', job?.name, job?.id, error);`,
        '});',
        '',
        "process.on('SIGTERM', async () => {",
        '  await worker.close();',
        '  process.exit(0);',
        '});',
      ],
      parts,
    );
  return styled(
    [
      ...imports,
      take(parts, 'kafka', parts.queueSpecifier),
      ...start,
      '',
      `const consumer = kafka.consumer({ groupId: '${parts.queue}-worker' });`,
      '',
      'async function start() {',
      '  await consumer.connect();',
      `  await consumer.subscribe({ topic: '${parts.queue}', fromBeginning: true });`,
      '  await consumer.run({',
      `    partitionsConsumedConcurrently: ${parts.concurrency},`,
      '    eachMessage: async ({ message }) => {',
      "      const job = JSON.parse(String(message.value ?? '{}'));",
      ...steps.map((it) => `  ${it}`),
      '    },',
      '  });',
      '}',
      '',
      'start().catch((error) => {',
      '  console.error(error);',
      '  process.exit(1);',
      '});',
      '',
      "process.on('SIGTERM', async () => {",
      '  await consumer.disconnect();',
      '  process.exit(0);',
      '});',
    ],
    parts,
  );
}
