import { parse as parseJson } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { sift } from '../../src/advisor/suppress.ts';
import { suppressionsIn } from '../../src/inference/detectors/suppressions.ts';
import { applyEdits } from '../../src/model/edit.ts';
import { EMPTY_TOPOLOGY } from '../../src/model/topology.ts';
import type { Weakness } from '../../src/model/weakness.ts';
import { makeEdits } from '../../src/recipes/index.ts';
import { applied, type Files, lineOf, memoryWorkspace } from './bench.ts';

const call = (file: string, line: number, scope: string, reason = 'measured  in\nMay') => ({ rule: 'pool-saturation', file, line, scope, reason });
const done = async (files: Files, args: ReturnType<typeof call>): Promise<Files> => {
  const after = await applied('suppress-finding', args, files);
  if ('cannot' in after) throw new Error(String(after.cannot));
  return after as Files;
};
const weak = (file: string, line: number): Weakness => ({
  rule: 'pool-saturation',
  state: 'weak',
  place: { file, line },
  component: 'api',
  certain: false,
  facts: {},
  related: [],
  remedies: [],
});
const SAID = 'faultline-ignore-next-line pool-saturation -- measured in May';

describe('on a line', () => {
  it.each([
    ['src/db.ts', 'if (a) {\n\tnew Pool();\n}\n', `if (a) {\n\t// ${SAID}\n\tnew Pool();\n}\n`],
    ['src/db.js', 'a();\r\n  new Pool();\r\n', `a();\r\n  // ${SAID}\r\n  new Pool();\r\n`],
    ['docker-compose.yml', 'services:\n  db:\n', `services:\n  # ${SAID}\n  db:\n`],
    ['schema.prisma', '\nurl = 1\n', `\n# ${SAID}\nurl = 1\n`],
    ['.env', 'A=1\nB=2\n', `A=1\n# ${SAID}\nB=2\n`],
  ])('of %s', async (file, before, after) => {
    const files = await done({ [file]: before }, call(file, 2, 'line'));
    expect(files[file]).toBe(after);
    const line = lineOf(after, SAID) + 1;
    const { kept, idle } = sift({ ...EMPTY_TOPOLOGY, suppressions: suppressionsIn(file, after) }, [weak(file, line)]);
    expect({ kept, idle }).toEqual({ kept: [], idle: [] });
  });

  it('one above the other, each is kept', async () => {
    const first = await done({ 'db.ts': 'new Pool();\n' }, call('db.ts', 1, 'line'));
    const second = await done(first, { ...call('db.ts', 2, 'line'), rule: 'missing-acquire-timeout' });
    const suppressions = suppressionsIn('db.ts', second['db.ts'] as string);
    const both = [weak('db.ts', 3), { ...weak('db.ts', 3), rule: 'missing-acquire-timeout' }];
    expect(sift({ ...EMPTY_TOPOLOGY, suppressions }, both)).toEqual({ kept: [], idle: [] });
  });

  it.each([
    ['inside a template', 'q.ts', 'const sql = `\n  SELECT 1\n`;\n', 2, /lies inside a text/],
    ['in JSON', 'package.json', '{\n}\n', 1, /no comments/],
    ['behind the end', 'a.ts', 'a();', 9, /has no line 9/],
  ])('refuses %s', async (_says, file, text, line, why) =>
    expect(await applied('suppress-finding', call(file, line, 'line'), { [file]: text })).toEqual({ cannot: expect.stringMatching(why) }),
  );
});

describe('in faultline.json', () => {
  const ENTRY = { rule: 'pool-saturation', file: 'src/db.ts', reason: 'measured in May' };
  it.each([
    ['none yet', undefined, [ENTRY]],
    ['an empty one', '{}\n', [ENTRY]],
    ['another part', '{\n  "target": 5 // a second\n}\n', [ENTRY]],
    ['an empty list', '{\n  "suppressions": []\n}\n', [ENTRY]],
    ['other entries', '{\n    "suppressions": [\n        { "rule": "a", "reason": "b" } // old\n    ],\n    "target": 5\n}\n', [{ rule: 'a', reason: 'b' }, ENTRY]],
  ])('%s', async (_says, text, expected) => {
    const files: Files = { 'src/db.ts': 'new Pool();\n', ...(text !== undefined && { 'faultline.json': text }) };
    const made = await makeEdits({ recipe: 'suppress-finding', args: call('src/db.ts', 1, 'file') }, memoryWorkspace(files));
    if ('cannot' in made) throw new Error(made.cannot);
    const [edit] = made.edits;
    const after = edit?.kind === 'create' ? edit.text : applyEdits(text as string, edit?.edits ?? []);
    expect(parseJson(after).suppressions).toEqual(expected);
    for (const comment of text?.match(/\/\/.*/g) ?? []) expect(after).toContain(comment);
  });

  it('the whole workspace has no file', async () => {
    const after = await done({ 'src/db.ts': '' }, call('src/db.ts', 1, 'workspace'));
    expect(JSON.parse(after['faultline.json'] as string).suppressions).toEqual([{ rule: 'pool-saturation', reason: 'measured in May' }]);
  });

  it.each([
    ['broken JSON', '{ "a": ', /correct it first/],
    ['no list', '{ "suppressions": 5 }', /is no list/],
  ])('refuses %s', async (_says, text, why) =>
    expect(await applied('suppress-finding', call('src/db.ts', 1, 'file'), { 'faultline.json': text })).toEqual({ cannot: expect.stringMatching(why) }),
  );

  it('refuses what has no reason', async () =>
    expect(await applied('suppress-finding', call('src/db.ts', 1, 'file', ' '), {})).toEqual({ cannot: expect.stringMatching(/reason/) }));
});
