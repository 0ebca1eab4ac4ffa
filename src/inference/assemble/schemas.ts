import { text, type Resource } from '../code/values.ts';
import type { Said, SchemaClaim } from '../detector.ts';
import { addressOf } from '../detectors/libraries/address.ts';
import { folderOf, isInside, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';

/** Clients that leave their server to a schema file get engine, address and pool from it; the schema's variable is read in the unit's environment. */
export function fillFromSchema(clients: readonly Resource[], root: string, configuration: Configuration, env: (name: string) => Said<string> | undefined): void {
  for (const client of clients) {
    if (client.data.library !== 'prisma' || client.data.engine) continue;
    const schema = schemaOf(client, root, configuration);
    if (!schema) continue;
    client.data.engine = schema.engine?.value;
    if (client.data.address) continue;
    const said = schema.variable ? env(schema.variable.value) : schema.url;
    client.data.address = said ? addressOf(text(said.value, said.place)) : schema.variable ? { variable: schema.variable.value, place: schema.variable.place } : {};
  }
}

/** The schema beside the code that makes the client, of its package (one that generates its client there before one that only lies there), or of those elsewhere the one that bears its name, or any where they do not differ. */
function schemaOf(client: Resource, root: string, { schemas }: Configuration): SchemaClaim | undefined {
  const all = [...schemas].filter(([, it]) => it.engine);
  const folders = [folderOf(client.place.file), root].filter((it) => it !== '.');
  const generatesInto = (folder: string, [file, it]: [string, SchemaClaim]): boolean => it.output !== undefined && isInside(joinPath(folderOf(file), it.output), folder);
  const liesIn = (folder: string, [file]: [string, SchemaClaim]): boolean => isInside(file, folder);
  for (const isNear of [generatesInto, liesIn])
    for (const folder of folders) {
      const near = all.find((it) => isNear(folder, it));
      if (near) return near[1];
    }
  // `prisma/orders/schema.prisma` of the app `orders`, else any where all mean the same server.
  const called = all.filter(([file]) => file.split('/').includes(nameOf(root)));
  const [first, ...others] = called.length > 0 ? called : all;
  const server = (it: SchemaClaim): string => [it.engine?.value, it.variable?.value, it.url?.value].join(' ');
  return first && others.every(([, it]) => server(it) === server(first[1])) ? first[1] : undefined;
}
