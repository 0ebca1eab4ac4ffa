import { propertyOf, type Resource, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../detector.ts';
import { addressIn } from './address.ts';

/**
 * The client of a copy that a library was told of, beside the client of its primary: one pool for all copies, which take their turns.
 * `primary.data.replica` is where the library sends what it only reads.
 */
export function replicaFor(primary: Resource, addresses: readonly Value[], it: LibraryCall, run: CodeRun): Resource | undefined {
  const [first] = addresses;
  const address = first && addressIn(first);
  // What is nowhere said may be nothing: a list from settings that nobody fills.
  if (!address || Object.keys(address).length === 0) return undefined;
  const replica = run.make('Replica', it.place, { ...primary.data, address, replicaOf: primary, copies: addresses.length });
  run.claim({ kind: 'client', client: replica });
  return replica;
}

/** Another client of the program turns out to lead to copies of what `primary` leads to. */
export function markAsReplica(client: Resource, primary: Resource, copies: number): Resource {
  if (client === primary) return primary;
  client.data.replicaOf = primary;
  client.data.copies = copies;
  return client;
}

/** What runs a query that may go to a copy: the copy's client where there is one. */
export const sideFor = (client: Resource, isFreeRead: boolean): Resource => (isFreeRead ? ((client.data.replica as Resource | undefined) ?? client) : client);

/** Items of a list, or the one value; nothing where it can't be read. */
export const eachOf = (it: Value | undefined): readonly Value[] => (it === undefined || it.t === 'nothing' ? [] : it.t === 'list' ? it.items : [it]);

/** An option that says `true`, in whichever argument it stands. */
export const saysSo = (args: readonly Value[], name: string): boolean =>
  args.some((arg) => {
    const said = propertyOf(arg, name);
    return said?.t === 'boolean' && said.v;
  });
