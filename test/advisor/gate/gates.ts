import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleId } from '../../../src/model/weakness.ts';
import { RULES } from '../../../src/rules/index.ts';
import type { Gate } from './gate.ts';

/** The gates that are written, in the order of the rules: one file for each, named like it. */
export async function gates(): Promise<(readonly [RuleId, Gate])[]> {
  const written = readdirSync(import.meta.dirname).map((it) => it.replace('.ts', ''));
  return Promise.all(
    RULES.filter((it) => written.includes(it.id)).map(async ({ id }) => [id, ((await import(join(import.meta.dirname, `${id}.ts`))) as { default: Gate }).default] as const),
  );
}
