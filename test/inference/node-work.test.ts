import { describe, expect, it } from 'vitest';
import type { ComputeStep } from '../../src/model/topology.ts';
import { walkSteps } from '../../src/model/topology.ts';
import { routeOf } from './memory-workspace.ts';

async function computesIn(before: string, body: string, dependencies: Record<string, string> = {}): Promise<ComputeStep[]> {
  const { endpoints } = await routeOf(dependencies, before, body);
  const found: ComputeStep[] = [];
  walkSteps(endpoints[0]?.steps ?? [], (step) => {
    if (step.kind === 'compute' && step.call) found.push(step);
  });
  return found;
}

describe('what Node’s own modules compute, and where', () => {
  it.each<[string, string, string, object]>([
    ['iterations are the cost', `import { pbkdf2Sync } from 'node:crypto'`, `pbkdf2Sync('a', 'b', 600_000, 32, 'sha256');`, { where: 'eventLoop', ms: { value: 180 } }],
    ['a key of two hashes takes them twice', `import { pbkdf2Sync } from 'node:crypto'`, `pbkdf2Sync('a', 'b', 100_000, 64, 'sha256');`, { ms: { value: 60 } }],
    ['with a callback', `import crypto from 'crypto'`, `crypto.pbkdf2('a', 'b', 100000, 32, 'sha256', () => {});`, { where: 'threadPool', ms: { value: 30 } }],
    [
      'promisified',
      `import { pbkdf2 } from 'crypto'; import { promisify } from 'util'; const derive = promisify(pbkdf2)`,
      `await derive('a', 'b', 100000, 32, 'sha256');`,
      { where: 'threadPool', ms: { value: 30 } },
    ],
    ['scrypt as it comes', `import { scryptSync } from 'crypto'`, `scryptSync('a', 'b', 64);`, { where: 'eventLoop', ms: { value: 50 } }],
    ['scrypt with a cost', `import { scryptSync } from 'crypto'`, `scryptSync('a', 'b', 64, { N: 65536 });`, { ms: { value: 200 } }],
    [
      'RSA keys',
      `import { generateKeyPairSync } from 'crypto'`,
      `generateKeyPairSync('rsa', { modulusLength: 2048 });`,
      { where: 'eventLoop', call: { name: 'generateKeyPairSync' } },
    ],
    ['packing', `import zlib from 'zlib'`, `zlib.gzipSync(req.body.text);`, { where: 'eventLoop', call: { library: 'zlib', name: 'gzipSync', isInAsync: true } }],
    ['packing with a callback', `import zlib from 'zlib'`, `zlib.gzip(req.body.text, () => {});`, { where: 'threadPool' }],
    ['a file', `import fs from 'fs'`, `fs.readFileSync(req.query.name);`, { where: 'eventLoop', call: { library: 'fs' } }],
    ['a program', `import { execSync } from 'child_process'`, `execSync('ls');`, { where: 'eventLoop', ms: { value: 50 } }],
    ['a function that can’t wait', `import { scryptSync } from 'crypto'; const key = () => scryptSync('a', 'b', 64)`, `key();`, { call: { isInAsync: false } }],
  ])('%s', async (_says, before, body, expected) => expect(await computesIn(before, body)).toMatchObject([expected]));

  it.each([
    ['keys on curves are made at once', `import { generateKeyPairSync } from 'crypto'`, `generateKeyPairSync('ec', { namedCurve: 'P-256' });`],
    ['a file that is waited for elsewhere', `import fs from 'fs/promises'`, `await fs.readFile(req.query.name);`],
    ['a program that nobody waits for', `import { spawn } from 'child_process'`, `spawn('ls');`],
    ['while the process starts', `import { scryptSync } from 'crypto'; const key = scryptSync('a', 'b', 64)`, `key;`],
    ['random bytes', `import { randomBytes } from 'crypto'`, `randomBytes(16);`],
  ])('nothing: %s', async (_says, before, body) => expect(await computesIn(before, body)).toEqual([]));

  it.each<[string, string, object[]]>([
    [
      'an image that is asked for',
      `const small = await sharp(req.body.image).resize(200).webp({ quality: 80 }).toBuffer();`,
      [{ label: 'image by sharp in app', where: 'threadPool', ms: { value: 50 } }],
    ],
    ['written to a file', `await sharp(req.body.image).rotate().toFile('a.webp');`, [{ call: { library: 'sharp', name: 'toFile' } }]],
    ['only its header', `const { width } = await sharp(req.body.image).metadata();`, []],
    ['a chain that nobody asks for', `const chain = sharp(req.body.image).resize(200);`, []],
  ])('sharp: %s', async (_says, body, expected) => expect(await computesIn(`import sharp from 'sharp'`, body, { sharp: '^0.34.0' })).toMatchObject(expected));

  it('what is kept where it was put is done where it is not there', async () => {
    const { endpoints } = await routeOf({}, `import { scryptSync } from 'crypto'; let key`, `key ??= scryptSync('a', 'b', 64);`);
    expect(endpoints[0]?.steps.find((step) => step.kind === 'branch')).toMatchObject({ unlessThere: true, taken: [{ kind: 'compute' }] });
  });

  it('a salt tells the cost', async () =>
    expect(await computesIn(`import bcrypt from 'bcryptjs'`, `const salt = await bcrypt.genSalt(12); await bcrypt.hash('a', salt);`, { bcryptjs: '^2.4.3' })).toMatchObject([
      { label: 'bcrypt cost 12 in app', ms: { value: 240 } },
    ]));
});
