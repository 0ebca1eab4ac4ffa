import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

/** A route that signs people in, beside one that everybody asks for. */
const app = (dependencies: Record<string, string>, head: string, body: string, rest = ''): Files =>
  service(
    { express: '^4.21.0', ...dependencies },
    {
      'src/hashes.ts': head,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { check } from './hashes.ts';

const app = express();
app.post('/sessions', async (req: Request, res: Response) => {
${body}
});
app.get('/status', (req: Request, res: Response) => {
  res.json({ open: true });
});
${rest}
app.listen(3000);
`,
    },
  );
const signIn = '  res.json({ in: await check(req.body.password, req.body.hash) });';

testRule('event-loop-blocking', {
  remedy: 'native-hash',
  never: { 'wrapper in another file': 'only calls by a plain name are awaited here, and the others stand where they block' },
  cases: [
    {
      says: 'bcryptjs, which is awaited and blocks all the same',
      state: 'weak',
      files: app(
        { bcryptjs: '^2.4.3' },
        `import { compare } from 'bcryptjs';

export async function check(password: string, hash: string): Promise<boolean> {
  const isSame = await compare(password, hash); // expect: event-loop-blocking
  return isSame;
}
`,
        signIn,
      ),
    },
    {
      says: 'bcrypt in its blocking form',
      state: 'weak',
      files: app(
        { bcrypt: '^5.1.1' },
        `import bcrypt from 'bcrypt';

const COST = 12;
export async function check(password: string, hash: string): Promise<boolean> {
  if (!hash) return bcrypt.hashSync(password, COST) === ''; // expect: event-loop-blocking
  const isSame = bcrypt.compareSync(password, hash); // expect: event-loop-blocking
  return isSame;
}
`,
        signIn,
      ),
    },
    {
      says: 'a key of many iterations',
      state: 'weak',
      files: app(
        {},
        `import { pbkdf2Sync } from 'node:crypto';

export async function check(password: string, hash: string): Promise<boolean> {
  const key = pbkdf2Sync(password, 'salt', 600_000, 32, 'sha256'); // expect: event-loop-blocking
  return key.toString('hex') === hash;
}
`,
        signIn,
      ),
    },
    {
      says: 'packing in the blocking form is most of what the process does',
      state: 'weak',
      files: app(
        {},
        `import { brotliCompressSync } from 'node:zlib';

export async function check(text: string, wanted: string): Promise<boolean> {
  return brotliCompressSync(text).length === wanted.length; // expect: event-loop-blocking
}
`,
        signIn,
      ),
    },
    {
      says: 'bcrypt, which works on threads of its own',
      state: 'sound',
      files: app(
        { bcrypt: '^5.1.1' },
        `import { compare, compareSync } from 'bcrypt';

export async function check(password: string, hash: string): Promise<boolean> {
  return ⟦await compare(password, hash); //⟧ compareSync(password, hash); // expect: event-loop-blocking
}
`,
        signIn,
      ),
    },
    {
      says: 'a key that is made once and kept',
      state: 'sound',
      files: app(
        {},
        `import { scryptSync } from 'node:crypto';

let key: Buffer | undefined;
export async function check(password: string, hash: string): Promise<boolean> {
  key ⟦??⟧= scryptSync('secret', 'salt', 32); // expect: event-loop-blocking
  return key.toString('hex') === hash + password;
}
`,
        signIn,
      ),
    },
    {
      says: 'a cost that is nothing',
      state: 'sound',
      files: app(
        {},
        `import { pbkdf2Sync } from 'node:crypto';

export async function check(password: string, hash: string): Promise<boolean> {
  const key = pbkdf2Sync(password, 'salt', ⟦1 ||⟧ 600_000, 32, 'sha256'); // expect: event-loop-blocking
  return key.toString('hex') === hash;
}
`,
        signIn,
      ),
    },
    {
      says: 'promisified: the thread pool does it',
      state: 'sound',
      files: app(
        {},
        `import { pbkdf2, pbkdf2Sync } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
export async function check(password: string, hash: string): Promise<boolean> {
  const key = ⟦await derive(password, 'salt', 600_000, 32, 'sha256'); //⟧ pbkdf2Sync(password, 'salt', 600_000, 32, 'sha256'); // expect: event-loop-blocking
  return key.toString('hex') === hash;
}
`,
        signIn,
      ),
    },
    {
      says: 'a timer, for which nobody waits',
      state: 'unknown',
      files: app(
        {},
        `import { pbkdf2Sync } from 'node:crypto';

export async function check(password: string): Promise<boolean> {
  return password === '';
}
setInterval(() => {
  pbkdf2Sync('secret', 'salt', 600_000, 32, 'sha256');
}, 60_000);
`,
        '  res.json({ in: await check(req.body.password) });',
      ),
    },
    {
      says: 'a small file, of which nobody knows how small',
      state: 'unknown',
      files: app(
        {},
        `import { readFileSync } from 'node:fs';

export async function check(name: string, wanted: string): Promise<boolean> {
  return readFileSync('templates/' + name, 'utf8') === wanted;
}
`,
        signIn,
      ),
    },
  ],
  story: {
    says: 'a key is derived where requests are answered; on threads of its own',
    before: app(
      {},
      `import { scryptSync } from 'node:crypto';

export async function check(password: string, hash: string) {
  return scryptSync(password, 'salt', 64, { N: 131072, maxmem: 256 * 1024 * 1024 }).toString('hex') === hash; // expect: event-loop-blocking
}
`,
      signIn,
    ),
    after: app(
      {},
      `import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derive: any = promisify(scrypt);
export async function check(password: string, hash: string) {
  const key = await derive(password, 'salt', 64, { N: 131072, maxmem: 256 * 1024 * 1024 });
  return key.toString('hex') === hash;
}
`,
      signIn,
    ),
  },
});
