import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyChange } from '../../src/model/change.ts';
import { RULES } from '../../src/rules/index.ts';
import { STEADY } from '../rules/cases.ts';
import { firstRemedy, type Gate, pairedGain } from './gate/gate.ts';

/** Rules whose remedy has no effect on throughput: column sim = A of the catalogue. */
const ADVICE = [10, 16, 19, 21, 23, 29, 36, 38, 39, 40, 41, 42, 43, 44, 45, 46, 49, 51, 54, 55];
const folder = join(import.meta.dirname, 'gate');
const rulesFolder = join(import.meta.dirname, '../../src/rules');
const written = readdirSync(folder).map((it) => it.replace('.ts', ''));
const rows = await Promise.all(
  RULES.filter((it) => written.includes(it.id)).map(async ({ id }) => [id, ((await import(join(folder, `${id}.ts`))) as { default: Gate }).default] as const),
);

describe('a rule whose remedy is simulated is proven on three systems', () => {
  it.each(RULES.map((it) => [it.id, it.number] as const))('%s', (id, number) => {
    const proposes = /operations:/.test(readFileSync(join(rulesFolder, `${id}.ts`), 'utf8'));
    const proofs = rows.find(([rule]) => rule === id)?.[1].proofs.length ?? 0;
    expect(proofs >= 3, `${proofs} proofs`).toBe(!ADVICE.includes(number) || proposes);
  });
});

describe.each(rows)('%s', (rule, { strain, improves, proofs }) => {
  it.each(proofs.map((it) => [it.says, it] as const))(`%s: ${improves}, beyond the paired 95%% interval`, async (_says, { topology: given, scenario = STEADY }) => {
    const topology = typeof given === 'function' ? await given() : given;
    const { finding, remedy } = firstRemedy(rule, topology, scenario);
    if (!remedy.change) throw new Error('nothing is simulated');
    const after = applyChange(topology, remedy.change);
    const { mean, spread } = pairedGain(topology, after, strain(topology, after, scenario, finding));
    expect(mean - spread, `${remedy.title}: ${mean} ± ${spread}`).toBeGreaterThan(0);
  });
});
