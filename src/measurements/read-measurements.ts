import { answers, redisInfo } from './answers.ts';
import { explain } from './explain.ts';
import { autocannon, k6Lines, k6Summary } from './load-tests.ts';
import { otlp } from './otlp.ts';
import { pgStatStatements } from './pg-stat-statements.ts';
import { prometheus } from './prometheus.ts';
import { type Format, jsonIn, type ReadResult } from './reading.ts';
import { accessLog, har } from './traffic.ts';

/** Every format that can be read, those that are easiest to tell first. */
export const FORMATS: readonly Format[] = [otlp, explain, har, autocannon, k6Summary, k6Lines, answers, pgStatStatements, redisInfo, accessLog, prometheus];

/** A longer text costs more memory than an editor has; what matters in it fits many times. */
export const MOST_CHARACTERS = 200_000_000;

/** Reads a file of measurements of any known format, told by its content. The problem is one sentence that never quotes the file. */
export function readMeasurements(text: string): ReadResult {
  const content = text.replace(/^\uFEFF/, '');
  if (content.length > MOST_CHARACTERS) return { problem: `It is larger than ${MOST_CHARACTERS / 1_000_000} MB: import a part of it.` };
  if (content.trim() === '') return { problem: 'It is empty.' };
  if (content.slice(0, 4000).includes('\u0000')) return { problem: 'It is no text.' };
  for (const format of FORMATS) {
    const read = format.read(content);
    if (read !== null) return 'problem' in read ? { problem: `Read as ${format.name}: ${read.problem}` } : read;
  }
  if (/^\s*(\{\s*"|\[\s*[{["])/.test(content) && jsonIn(content) === undefined) return { problem: 'It begins as JSON and is broken or cut off.' };
  return { problem: `It is none of the formats that can be read: ${FORMATS.map((it) => it.name).join(', ')}.` };
}
