import { patternOf, propertyOf, type Resource, text, textOf, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../detector.ts';
import { textIn } from './address.ts';
import { replicaFor, sideFor } from './replicas.ts';

/**
 * Reads go to the other members of a replica set where the client's `readPreference` says so, in its options or its connection string.
 * A string that names one member tells of no other one: there may be none, and then the primary answers.
 */
export function noteSecondaries(client: Resource, it: LibraryCall, run: CodeRun): void {
  const [uri, options] = it.args;
  const pattern = uri?.t === 'text' ? patternOf(uri).pattern : '';
  const preference = textIn(options, 'readPreference') ?? /[?&]readPreference=(\w+)/.exec(pattern)?.[1];
  if (!/^secondary(Preferred)?$/.test(preference ?? '')) return;
  const [, ...others] = /^mongodb:\/\/(?:[^@/]*@)?([^/?*]+)/.exec(pattern)?.[1]?.split(',') ?? [];
  client.data.replica = replicaFor(
    client,
    others.map((host) => text(`mongodb://${host}`)),
    it,
    run,
  );
}

/** The member that is asked: a read inside of a session's transaction stays at the primary, and so does one that says so itself. */
export function memberFor(client: Resource, isRead: boolean, args: readonly Value[]): Resource {
  const isOwn = args.some((arg) => (propertyOf(arg, 'session') ?? { t: 'nothing' }).t !== 'nothing' || isPrimary(propertyOf(arg, 'readPreference')));
  return sideFor(client, isRead && !isOwn);
}

/** `'primary'`, or Mongoose's short word for it. */
export const isPrimary = (it: Value | undefined): boolean => /^p(rimary)?$/.test(textOf(it) ?? '');
