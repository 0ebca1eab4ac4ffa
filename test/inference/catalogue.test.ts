import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DETECTORS } from '../../src/inference/detectors/index.ts';
import { LIBRARIES } from '../../src/inference/detectors/libraries/index.ts';
import { infer } from '../../src/inference/infer.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';

const folder = join(import.meta.dirname, '../../src/inference/detectors');
const filesWith = (path: string, type: string): string[] =>
  readdirSync(join(folder, path))
    .filter((it) => it.endsWith('.ts') && readFileSync(join(folder, path, it), 'utf8').includes(`satisfies ${type}`))
    .map((it) => it.replace('.ts', ''));

describe('every detector is listed under the name of its file', () => {
  it('formats', () => expect(DETECTORS.map((it) => it.id).sort()).toEqual(filesWith('.', 'FileDetector').sort()));
  it('libraries', () => expect(LIBRARIES.map((it) => it.id).sort()).toEqual(filesWith('libraries', 'LibraryDetector').sort()));
  it('no package belongs to two', () => {
    const packages = LIBRARIES.flatMap((it) => it.packages);
    expect(packages.filter((it, at) => packages.indexOf(it) !== at)).toEqual([]);
  });
});

it('SUPPORTED.md names every format and library, and nothing else (npm run supported)', () => {
  const page = readFileSync(join(folder, '../SUPPORTED.md'), 'utf8');
  const rows = [...page.matchAll(/^\| ([a-z][\w-]*) +\|/gm)].map((it) => it[1] as string).filter((it) => !/^(format|library)$/.test(it));
  const ids = [...DETECTORS, ...LIBRARIES].map((it) => it.id).filter((it) => it !== 'unread');
  expect(rows.sort()).toEqual(ids.sort());
  for (const { packages } of LIBRARIES) for (const name of packages) expect(page).toContain(`\`${name}\``);
});

describe('no detector throws', () => {
  const odd = [
    '',
    '\u0000',
    '{',
    '[]',
    'null',
    '"x"',
    ': : :\n\t- {',
    'services: 3',
    'services:\n  a: null\n  b: [1]\n  c:\n    build: 3\n    ports: x\n    environment: 7\n    deploy: []',
    'FROM',
    'ENV A',
    'CMD [',
    '=',
    '}}}',
    'a: &a [*a]',
    '{"compilerOptions":{"paths":{"a":3}}}',
    '{"packages":{"node_modules/x":null}}',
    'upstream x {',
    'script: "',
  ];
  it.each(DETECTORS.map((it) => [it.id, it] as const))('%s', (_id, detector) => {
    for (const text of odd) expect(() => detector.detect('some/file', text)).not.toThrow();
  });
});

/** Half-typed files of a sound workspace: whatever is cut, doubled or mistyped, the analysis ends and says something true. */
it('a workspace in the middle of an edit', async () => {
  const sound = nodeWorkspace(join(import.meta.dirname, '../fixtures/shop'));
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const spoil = (text: string): string => {
    const at = random(text.length);
    const length = random(40);
    return (
      [
        text.slice(0, at),
        text.slice(0, at) + text.slice(at + length),
        `${text.slice(0, at)}${'{([`"\':'[random(7)]}${text.slice(at)}`,
        text.slice(0, at) + text.slice(at, at + length) + text.slice(at),
      ][random(4)] ?? text
    );
  };
  for (let round = 0; round < 60; round++) {
    const read = async (path: string) => {
      const it = await sound.read(path);
      return 'text' in it && random(3) === 0 ? { text: spoil(it.text) } : it;
    };
    const { topology } = await infer({ ...sound, read });
    for (const it of topology.problems) expect(it.message).not.toContain('could not be');
    const ids = new Set(topology.components.map((it) => it.id));
    for (const it of topology.calls) expect([ids.has(it.from), ids.has(it.to)]).toEqual([true, true]);
    for (const it of topology.endpoints) expect(ids.has(it.component)).toBe(true);
  }
});
