import { patternOf, propertyOf, type Resource, text, textOf, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../detector.ts';
import { textIn } from './address.ts';
import { replicaFor, sideFor } from './replicas.ts';

const SECONDARY = /^(s|sp|secondary|secondaryPreferred)$/;

/**
 * The other members of a replica set, which answer reads where a `readPreference` says so: of the client, in its options or its connection string, or of one read.
 * A string that names one member tells of no other one: there may be none, and then the primary answers.
 */
export function noteSecondaries(client: Resource, it: LibraryCall, run: CodeRun): void {
  const [uri, options] = it.args;
  const pattern = uri?.t === 'text' ? patternOf(uri).pattern : '';
  const preference = textIn(options, 'readPreference') ?? /[?&]readPreference=(\w+)/.exec(pattern)?.[1];
  const [, ...others] = /^mongodb:\/\/(?:[^@/]*@)?([^/?*]+)/.exec(pattern)?.[1]?.split(',') ?? [];
  const members = replicaFor(
    client,
    others.map((host) => text(`mongodb://${host}`)),
    it,
    run,
  );
  Object.assign(client.data, { members, ...(SECONDARY.test(preference ?? '') && { replica: members }) });
}

/** The member that is asked: a read inside of a session's transaction stays at the primary, and so does one that says so itself. */
export function memberFor(client: Resource, isRead: boolean, args: readonly Value[]): Resource {
  const isInSession = args.some((arg) => (propertyOf(arg, 'session') ?? { t: 'nothing' }).t !== 'nothing');
  if (isInSession || !isRead) return client;
  const said = args.map((arg) => textOf(propertyOf(arg, 'readPreference'))).find((it) => it !== undefined);
  return preferred(client, said) ?? sideFor(client, true);
}

/** The member that a read asks for itself: `'primary'`, `'secondaryPreferred'`, or Mongoose's short words for them. */
export function preferred(connection: Resource, preference = ''): Resource | undefined {
  if (/^p(rimary)?$/.test(preference)) return connection;
  return SECONDARY.test(preference) ? (connection.data.members as Resource | undefined) : undefined;
}
