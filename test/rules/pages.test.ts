import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONNECT_CPU_MS, CONNECT_MS, ENTRY_SIZE, HIT_RATIO, HOLD_MS, KEYSPACE_SCAN_MS, LOOP_ROUNDS, NEW_KEY_SHARE } from '../../src/inference/assumptions.ts';
import { type Known, valueIn } from '../../src/model/known.ts';
import type { RuleId } from '../../src/model/weakness.ts';
import { RULES } from '../../src/rules/index.ts';
import { SCANNED_PER_SECOND } from '../../src/rules/missing-index.ts';

const folder = new URL('../../src/rules/', import.meta.url).pathname;
const pageOf = (id: RuleId): string => readFileSync(`${folder}${id}.md`, 'utf8');

/** What every page holds, in this order. */
const PARTS = [/^\*\*Why\.\*\*/, /^\*\*How it is (found|computed)\.\*\*/, /^\*\*How to fix\.\*\*/, /^\*\*When to ignore\.\*\*/, /^\*\*What it can't see\.\*\*/, /^Links: \[/];

describe.each(RULES.map((it) => [it.id, it] as const))('%s', (id, rule) => {
  const lines = pageOf(id).split('\n');

  it('says what is wrong, why, how it is found, how to fix it, when to ignore it, and what cannot be seen', () => {
    expect(lines[0]).toBe(`# ${id} (${rule.number})`);
    expect(lines[2]).toMatch(/^[A-Z].*\.$/);
    const found = PARTS.map((part) => lines.findIndex((it) => part.test(it)));
    expect(found.every((it) => it > 0) && found).toEqual([...found].sort((a, b) => a - b));
  });

  it('leads to pages that are there, and to sources of others', () => {
    const links = [...pageOf(id).matchAll(/\]\(([^)]+)\)/g)].map((it) => it[1] as string);
    expect(links.filter((it) => (it.startsWith('https://') ? !URL.canParse(it) : !existsSync(folder + it)))).toEqual([]);
    expect(links.filter((it) => it.startsWith('https://')).length).toBeGreaterThan(0);
  });
});

const middleOf = (it: Known | undefined): number => (it && valueIn(it)) ?? Number.NaN;
const lowOf = (it: Known | undefined): number => (it?.state === 'known' ? it.range?.[0] : undefined) ?? Number.NaN;
const highOf = (it: Known | undefined): number => (it?.state === 'known' ? it.range?.[1] : undefined) ?? Number.NaN;
const DAY = 86_400;

/** Figures of the pages, each worked out again; `#` stands for it in the sentence. */
const SUMS: readonly [id: RuleId, sentence: string, figure: number][] = [
  ['pool-saturation', '10 connections that are held for 20 ms carry #.', 10 / 0.02],
  ['pool-saturation', '1,000 requests a second × 20 ms are # in use', 1000 * 0.02],
  ['pool-saturation', 'in use, and # to have', Math.ceil((1000 * 0.02) / 0.7)],
  ['missing-pool', 'the set-up alone keeps # of a core busy', (500 * middleOf(CONNECT_CPU_MS.postgres)) / 1000],
  ['missing-pool', 'about # ms (2 to 50) of the request', middleOf(CONNECT_MS.postgres)],
  ['missing-pool', '(# to 50) of the request', lowOf(CONNECT_MS.postgres)],
  ['missing-pool', '(2 to #) of the request', highOf(CONNECT_MS.postgres)],
  ['missing-pool', 'has # connections asked of it within two seconds', 500 * 2],
  ['connection-budget', '(3 replicas + 1 while it rolls) are #,', 20 * 2 * (3 + Math.ceil(3 * 0.25))],
  ['connection-budget', 'default_pool_size = #', 100 * 0.9],
  ['missing-acquire-timeout', 'asked for 750 has # waiting after a minute', (750 - 500) * 60],
  ['missing-acquire-timeout', 'whoever comes then waits # s', ((750 - 500) * 60) / 500],
  ['n-plus-one', '50 rows cost # ms and 51 checkouts', 50 * (1 + 1)],
  ['n-plus-one', 'an assumed ten (2–#)', highOf(LOOP_ROUNDS)],
  ['missing-index', 'so 100,000 rows cost # ms of a core', (100_000 / SCANNED_PER_SECOND) * 1000],
  ['missing-index', 'the database is full at # rows', (8 * SCANNED_PER_SECOND) / 50],
  ['unbounded-query', 'a million are # MB', (1_000_000 * 500) / 1e6],
  ['read-replica', 'one replica give # times', Math.min(1 / (1 - 0.8), 1 / 0.8)],
  ['read-replica', 'three replicas give # times', Math.min(1 / (1 - 0.8), 3 / 0.8)],
  ['shared-read-write-model', 'keep # cores busy with one answer', 100 * 0.05],
  ['shared-read-write-model', '50 ms ÷ 60 s = #% of a core', Math.round((0.05 / 60) * 1e4) / 100],
  ['shared-read-write-model', 'a read of # ms (assumed, 0.5–10)', middleOf(HOLD_MS.primaryKey)],
  ['uncached-hot-read', '1 ÷ (1 − 0.8 × 0.5) = # times', Math.round(10 / (1 - 0.8 * 0.5)) / 10],
  ['uncached-hot-read', 'that is assumed (#%, 50–95%)', 100 * middleOf(HIT_RATIO)],
  ['cache-stampede', '50 ms there are # identical queries', 500 * 0.05],
  ['lock-shorter-than-query', '30 ÷ 5 = # do at once', 30 / 5],
  ['unbounded-cache', 'an entry of 1 KB makes # KB a second', (50 * middleOf(NEW_KEY_SHARE) * middleOf(ENTRY_SIZE)) / 1000],
  ['unbounded-cache', 'a second, # MB an hour', (50 * middleOf(NEW_KEY_SHARE) * middleOf(ENTRY_SIZE) * 3600) / 1e6],
  ['unbounded-cache', 'an hour, # MB a day', Number(((50 * middleOf(NEW_KEY_SHARE) * middleOf(ENTRY_SIZE) * DAY) / 1e6).toPrecision(2))],
  ['missing-http-caching', 'If 30% of 300 requests a second are such repeats, # of them', 0.3 * 300],
  ['blocking-work-in-request', 'answers after # ms; with the mail', 50 + 200],
  ['blocking-work-in-request', '20 sign-ups a second # requests stand open', 20 * 10],
  ['synchronous-write-path', 'a write holds for 40 ms carry # a second', 10 / 0.04],
  ['synchronous-write-path', 'at 1,000 a second # more wait each second', 1000 - 10 / 0.04],
  ['synchronous-write-path', '41 ms ÷ 0.7 = # at once', Math.ceil((((1000 * 60) / (60 + 60)) * 0.041) / 0.7)],
  ['missing-retry-backoff', 'Attempts one, two, four and eight seconds apart bridge # s', 1 + 2 + 4 + 8],
  ['non-idempotent-consumer', 'that comes twice, # customers a day', (50 * DAY) / 10_000],
  ['non-idempotent-consumer', '1 + 2 + 4 + 8 = # h', 1 + 2 + 4 + 8],
  ['slow-consumer', 'after another does # a second', Math.round(10_000 / 24) / 10],
  ['slow-consumer', 'If 200 arrive, # more lie there each second', Math.round(200 - 1000 / 24)],
  ['slow-consumer', 'each second, # after an hour', (200 - 1000 / 24) * 3600],
  ['slow-consumer', '(200 × 24 ms ÷ 0.7 = #)', Math.round(((200 * 0.024) / 0.7) * 10) / 10],
  ['missing-saga', 'at 20 orders a second # orders a day', (20 * DAY) / 1000],
  ['worker-in-web-process', 'ten jobs a second of 30 ms each are #% of the loop', (10 * 30) / 10],
  ['event-loop-blocking', '1000 ÷ 60 = # sign-ins a second', Math.round(1000 / 60)],
  ['dual-write', 'one failed publish in 10,000 that is # lost events a day', (100 * DAY) / 10_000],
  ['job-awaited-in-request', 'the fifth caller waits # s', 5 * 2],
  ['keyspace-scan', 'about # ms for a million keys', 10 * middleOf(KEYSPACE_SCAN_MS)],
  ['keyspace-scan', 'At 20 such requests a second that is #% of the server', (20 * 10 * middleOf(KEYSPACE_SCAN_MS)) / 10],
];

it.each(SUMS)('%s: %s', (id, sentence, figure) => {
  expect(pageOf(id)).toContain(sentence.replace('#', figure.toLocaleString('en-US')));
});
