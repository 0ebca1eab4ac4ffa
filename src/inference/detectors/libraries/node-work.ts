import { isCallable, NOTHING, numberOf, propertyOf, textOf, type Value } from '../../code/values.ts';
import type { CodeRun, ComputedWork, LibraryCall, LibraryDetector } from '../../detector.ts';

/** By module: what its functions do, and which of their arguments is the cost. `Sync` at a name's end says where. */
const WORKS: Readonly<Record<string, readonly (readonly [name: RegExp, work: ComputedWork, cost?: (args: readonly Value[]) => Value | undefined])[]>> = {
  crypto: [
    [/^pbkdf2$/, 'derivedKey', iterationsOf],
    [/^scrypt$/, 'scrypt', ([, , , options]) => propertyOf(options, 'N') ?? propertyOf(options, 'cost')],
    // Keys on curves are made at once.
    [/^generateKeyPair$/, 'keyPair'],
  ],
  zlib: [
    [/^(gzip|gunzip|deflate|inflate|deflateRaw|inflateRaw|unzip|brotliDecompress|zstdCompress|zstdDecompress)$/, 'gzip'],
    [/^brotliCompress$/, 'brotli'],
  ],
  child_process: [[/^(exec|execFile|spawn)$/, 'program']],
  fs: [[/^(readFile|writeFile|appendFile|copyFile|cp|rm|readdir)$/, 'file']],
  jimp: [[/^(|default\.|Jimp\.)?read$/, 'image']],
};

/** Bytes that a hash gives: a key that is longer takes all iterations again for each of them. */
const HASH_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

function iterationsOf([, , iterations, length, digest]: readonly Value[]): Value | undefined {
  const [each, bytes] = [numberOf(iterations), numberOf(length)];
  const hash = HASH_BYTES[textOf(digest)?.toLowerCase().replace('-', '') ?? ''];
  if (iterations === undefined || each === undefined || bytes === undefined || hash === undefined || bytes <= hash) return iterations;
  const place = 'place' in iterations ? iterations.place : undefined;
  return { t: 'number', v: each * Math.ceil(bytes / hash), ...(place && { place }) };
}

/** Node's own modules that compute, each function in two forms: `…Sync` does it on the event loop, the other in the thread pool. And Jimp, which knows only the event loop. */
export default {
  id: 'node-work',
  packages: ['crypto', 'zlib', 'child_process', 'jimp'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package === 'crypto' && name === 'randomUUID') return { t: 'data', isNew: true };
    return noteWork(it, run) ? { t: 'data' } : undefined;
  },
} satisfies LibraryDetector;

/** Records what a function of such a module computes. Who only starts a program waits for nothing, and the disk is waited for in the thread pool anyway. */
export function noteWork(it: LibraryCall, run: CodeRun): boolean {
  const name = it.name.split('.').at(-1) ?? '';
  const isSync = name.endsWith('Sync');
  const own = name.replace(/Sync$/, '');
  const found = WORKS[it.package]?.find(([wanted]) => wanted.test(own));
  if (!found || !run.isTracing()) return false;
  const [, work, costOf] = found;
  if (!isSync && (work === 'program' || work === 'file')) return false;
  if (work === 'keyPair' && !textOf(it.args[0])?.startsWith('rsa')) return false;
  const cost = costOf?.(it.args);
  const value = numberOf(cost);
  run.record({
    kind: 'compute',
    label: it.package === 'jimp' ? 'image by Jimp' : own,
    work,
    ...(value !== undefined && cost && { cost: { value, place: ('place' in cost ? cost.place : undefined) ?? it.place } }),
    where: isSync || it.package === 'jimp' ? 'eventLoop' : 'threadPool',
    call: { library: it.package, name, isInAsync: run.isInAsync() },
    place: it.place,
  });
  const callback = it.args.findLast(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }]);
  return true;
}
