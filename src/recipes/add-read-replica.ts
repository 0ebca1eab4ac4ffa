import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { addDependencies, manifestOf } from './manifest.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { readsOnPool } from './replica-pool.ts';
import { prismaReplicas, sequelizeReplicas } from './replica-orms.ts';
import { typeormReplicas } from './replica-typeorm.ts';
import { type ReplicaAddress, replicaServices } from './replica-services.ts';
import { coversLine, findAll, parse, type Source } from './source.ts';

/** A line of a file. */
export interface At {
  file: string;
  line: number;
}

/** What a library's own part of the edit may look at and change. */
export interface Routing {
  workspace: Workspace;
  /** The construction of the client. */
  client: At;
  /** Reads that may be old, and those that must not. */
  moves: readonly At[];
  stays: readonly At[];
  address: ReplicaAddress;
  open(file: string): Promise<Source>;
  change(source: Source, edits: readonly TextEdit[]): void;
  depend(packages: Readonly<Record<string, string>>): void;
}

type Side = (routing: Routing) => Promise<void>;
const SIDES: Readonly<Record<string, Side>> = { pg: readsOnPool, prisma: prismaReplicas, sequelize: sequelizeReplicas, typeorm: typeormReplicas };

/** `src/a.ts:3`, one a line. */
const placesIn = (text: unknown): At[] =>
  String(text ?? '')
    .split('\n')
    .flatMap((it) => {
      const [, file, line] = /^(.+):(\d+)$/.exec(it) ?? [];
      return file && line ? [{ file, line: Number(line) }] : [];
    });

/**
 * Gives a PostgreSQL service of a compose file replicas, and leads reads that may be old there: those of pg by a second pool, those of Prisma, Sequelize, TypeORM and Drizzle by their own routing, in which reads that must be new are marked.
 * A data directory that is there already has to let replicas in by hand.
 */
export default {
  id: 'add-read-replica',
  byHand: (args) => `make a second client, of the replica, beside the one at ${placeIn(args)}, and send the reads there that may be old`,
  make: async (args, workspace) => {
    const side = SIDES[textArg(args, 'library')] ?? cannot(`there is no edit for read replicas with ${textArg(args, 'library')}`);
    const client = { file: textArg(args, 'file'), line: countArg(args, 'line') };
    const services = await replicaServices(workspace, textArg(args, 'compose'), textArg(args, 'store'), countArg(args, 'copies'));
    const sources = new Map<string, Source>();
    const edits = new Map<Source, TextEdit[]>();
    const packages: Record<string, string> = {};
    const routing: Routing = {
      workspace,
      client,
      moves: placesIn(args.moves),
      stays: placesIn(args.stays),
      address: services.address,
      open: async (file) => {
        const source = sources.get(file) ?? parse(file, await textOf(workspace, file));
        sources.set(file, source);
        return source;
      },
      change: (source, more) => void edits.set(source, [...(edits.get(source) ?? []), ...more]),
      depend: (more) => void Object.assign(packages, more),
    };
    await side(routing);
    const manifest = addDependencies(await manifestOf(workspace, client.file), packages);
    const changed = [...edits].map(([source, all]): FileEdit => ({ kind: 'change', file: source.file, before: source.text, edits: all }));
    return { edits: [...changed, ...(manifest ? [manifest] : []), ...services.finish()] };
  },
} satisfies Recipe;

/** Some function or list around a call is given to another call: to a transaction, say. */
export function isGivenTo(source: Source, call: ts.Node, name: RegExp): boolean {
  for (let it: ts.Node = call.parent; !ts.isSourceFile(it); it = it.parent) if (ts.isCallExpression(it) && name.test(it.expression.getText(source.tree))) return true;
  return false;
}

/** The one call of a method on a line; `isMeant` looks at what it is called on. */
export function methodCallAt(source: Source, { file, line }: At, isMeant: (call: ts.CallExpression, access: ts.PropertyAccessExpression) => boolean): ts.CallExpression {
  const found = findAll(source.tree, ts.isCallExpression).filter(
    (it) => ts.isPropertyAccessExpression(it.expression) && coversLine(source, it, line) && isMeant(it, it.expression),
  );
  const innermost = found.filter((it) => !found.some((other) => other !== it && it.pos <= other.pos && other.end <= it.end));
  if (innermost.length > 1) cannot(`${file}:${line} has more than one query`);
  return innermost[0] ?? cannot(`the query at ${file}:${line} is not a direct call`);
}
