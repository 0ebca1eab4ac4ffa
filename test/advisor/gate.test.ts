import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/rules/index.ts';
import { type Gate, prove } from './gate/gate.ts';
import { gates } from './gate/gates.ts';

/** Rules whose remedy has no effect on throughput: column sim = A of the catalogue. */
const ADVICE = [10, 16, 19, 21, 23, 29, 36, 38, 39, 40, 41, 42, 43, 44, 45, 46, 49, 51, 54, 55];
const rulesFolder = join(import.meta.dirname, '../../src/rules');
const rows = await gates();

describe('a rule whose remedy is simulated is proven on three systems', () => {
  it.each(RULES.map((it) => [it.id, it.number] as const))('%s', (id, number) => {
    const proposes = /operations:/.test(readFileSync(join(rulesFolder, `${id}.ts`), 'utf8'));
    const proofs = rows.find(([rule]) => rule === id)?.[1].proofs.length ?? 0;
    expect(proofs >= 3, `${proofs} proofs`).toBe(!ADVICE.includes(number) || proposes);
  });
});

describe.each(rows)('%s', (rule, gate: Gate) => {
  it.each(gate.proofs.map((it) => [it.says, it] as const))(`%s: ${gate.strain.under}, beyond the paired 95%% interval`, async (_says, proof) => {
    const { title, rows: measured, idle } = await prove(rule, gate, proof);
    for (const { metric, before, after, gain, spread } of measured) {
      const says = `${title}: ${metric.says} ${before} → ${after}, gain ${gain} ± ${spread}`;
      if (metric.goes !== 'shown') expect(gain - spread, says).toBeGreaterThan(0);
      if (metric.to !== undefined) expect(metric.goes === 'down' ? after <= metric.to : after >= metric.to, says).toBe(true);
    }
    expect(idle, 'a remedy that does nothing').toEqual(idle.map(() => 0));
  });
});
