import { propertyOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { durationMs } from './durations.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';

/** jsonwebtoken, jose and Nest's JWT module: how long tokens live. Signing is too quick to count. */
export default {
  id: 'tokens',
  packages: ['jsonwebtoken', 'jose', '@nestjs/jwt', '@fastify/jwt'],
  call(it, run) {
    if (it.receiver) return onResource(it, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package === '@nestjs/jwt') return nest(it, run);
    if (it.package === 'jose') return it.isNew && name === 'SignJWT' ? run.make('Signer', it.place) : undefined;
    if (name === 'sign') sign(it, it.args[0], it.args[2], run);
    return undefined;
  },
  member: (_of, name) => (name === 'then' ? UNKNOWN : undefined),
} satisfies LibraryDetector;

function say(lifetime: Value | undefined, it: LibraryCall, run: CodeRun): boolean {
  const value = durationMs(lifetime, 1000);
  const place = (lifetime && 'place' in lifetime ? lifetime.place : undefined) ?? it.place;
  if (value !== undefined) run.claim({ kind: 'fact', type: 'jwt_ttl', value, unit: 'ms', place });
  return lifetime !== undefined && lifetime.t !== 'nothing';
}

/** A payload that may hold `exp` itself tells nothing; without it and without an option a token lives for ever. */
function sign(it: LibraryCall, payload: Value | undefined, options: Value | undefined, run: CodeRun): void {
  if (say(propertyOf(options, 'expiresIn'), it, run)) return;
  const isClosed = (of: Value | undefined): boolean => of === undefined || (of.t === 'object' && of.open === undefined);
  if (!isClosed(payload) || payload === undefined || !isClosed(options) || propertyOf(payload, 'exp')) return;
  run.claim({ kind: 'fact', type: 'jwt_ttl', value: 'none', place: it.place });
}

function nest(it: LibraryCall, run: CodeRun): Value {
  const keep = (options: Value | undefined): Value => {
    say(propertyOf(propertyOf(options, 'signOptions'), 'expiresIn'), it, run);
    return run.make('JwtService', it.place);
  };
  const key = '@nestjs/jwt JwtService';
  if (it.name === 'JwtModule.register') return libraryModule({ ...it, args: [] }, run, { gives: [{ key, make: () => keep(it.args[0]) }] });
  if (it.name === 'JwtModule.registerAsync') return libraryModule(it, run, { gives: [{ key, make: (inject) => keep(asyncOptions(it.args[0], 'createJwtOptions', inject, run)) }] });
  return it.name === 'JwtService.injected' || it.isNew ? keep(it.args[0]) : UNKNOWN;
}

function onResource(it: LibraryCall, run: CodeRun): Value {
  const of = it.receiver;
  if (of?.type === 'Signer') {
    if (it.name === 'setExpirationTime') say(it.args[0], it, run);
    return it.name === 'sign' ? { t: 'data' } : of;
  }
  if (it.name === 'sign' || it.name === 'signAsync') say(propertyOf(it.args[1], 'expiresIn'), it, run);
  return { t: 'data' };
}
