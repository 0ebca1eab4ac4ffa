import type { FileEdit } from '../model/edit.ts';
import { folderOf } from './modules.ts';
import { cannot } from './recipe.ts';

const plain = (name: string): string => name.replace(/\W+/g, '_');

/** The shortest name that a server allows is PostgreSQL's. */
const LONGEST_NAME = 63;

/** As Prisma calls an index: it cuts what is too long before the ending, and would call another name a change. */
export const indexName = (table: string, columns: readonly string[]): string =>
  `${[table, ...columns]
    .map(plain)
    .join('_')
    .slice(0, LONGEST_NAME - '_idx'.length)}_idx`;

/** `CREATE INDEX` in the spelling of a server: MySQL quotes with backticks, SQL Server with brackets. */
export function indexStatement(table: string, columns: readonly string[], provider: string): string {
  const quote = (name: string): string => (provider === 'mysql' ? `\`${name}\`` : provider === 'sqlserver' ? `[${name}]` : `"${name}"`);
  // Unquoted names of hand-written SQL stay as they are.
  const name = (it: string): string => (provider === '' && /^[a-z_][a-z0-9_]*$/.test(it) ? it : quote(it));
  return `CREATE INDEX ${name(indexName(table, columns))} ON ${name(table)}${provider === '' ? ' ' : ''}(${columns.map(name).join(', ')});`;
}

/** A migration behind the last one of the folder in which the table's migrations lie; none where they are not named by number or time. */
export async function migrationFor(
  file: string,
  paths: readonly string[],
  table: string,
  columns: readonly string[],
  provider: string,
  read: (path: string) => Promise<string>,
): Promise<FileEdit[]> {
  const statement = indexStatement(table, columns, provider);
  const what = `index_${plain(table)}_${columns.map(plain).join('_')}`;
  if (file.endsWith('.prisma')) {
    const last = ofPrisma(file, paths).at(-1);
    const folder = last && folderOf(last);
    const [, stamp] = /(\d+)[^/]*$/.exec(folder ?? '') ?? [];
    if (!folder || !stamp) return [];
    return [{ kind: 'create', file: `${folderOf(folder)}/${following(stamp)}_${what}/migration.sql`, text: `-- CreateIndex\n${statement}\n` }];
  }
  return migrationAfter(file, paths, what, statement, dropOf(table, columns, provider), read);
}

/** A file behind the last of the numbered SQL migrations among which `file` is, in their own way; none where they are not named by number or time. */
export async function migrationAfter(file: string, paths: readonly string[], what: string, up: string, down: string, read: (path: string) => Promise<string>): Promise<FileEdit[]> {
  const folder = folderOf(file);
  const numbered = paths
    .filter((it) => folderOf(it) === folder && /^V?\d+[^/]*\.sql$/i.test(it.slice(folder.length).replace(/^\//, '')) && !/(\.|_)(down|undo|rollback)\.sql$/i.test(it))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const last = numbered.at(-1);
  if (!last || !numbered.includes(file)) return [];
  const name = last.slice(folder === '' ? 0 : folder.length + 1);
  const [, prefix = '', digits = '', mark = '_'] = /^(V?)(\d+)(__|[_.-])?/i.exec(name) ?? [];
  const isPair = /\.up\.sql$/i.test(name);
  const path = `${folder === '' ? '' : `${folder}/`}${prefix}${following(digits)}${mark}${what}`;
  if (!isPair) return [{ kind: 'create', file: `${path}.sql`, text: asOthers(await read(last), up, down) }];
  return [
    { kind: 'create', file: `${path}.up.sql`, text: `${up}\n` },
    { kind: 'create', file: `${path}.down.sql`, text: `${down}\n` },
  ];
}

/** Tools that keep both ways in one file mark them. */
function asOthers(other: string, up: string, down: string): string {
  if (/^--\s*migrate:up/m.test(other)) return `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`;
  if (/^--\s*\+goose Up/m.test(other)) return `-- +goose Up\n${up}\n\n-- +goose Down\n${down}\n`;
  return `${up}\n`;
}

function dropOf(table: string, columns: readonly string[], provider: string): string {
  const [, name = ''] = /^CREATE INDEX (\S+) /.exec(indexStatement(table, columns, provider)) ?? [];
  return provider === 'mysql' ? `DROP INDEX ${name} ON \`${table}\`;` : `DROP INDEX ${name};`;
}

/** Migrations of the schema, in their order: those beside it or beside its folder. */
function ofPrisma(file: string, paths: readonly string[]): string[] {
  const near = [folderOf(file), folderOf(folderOf(file))].map((it) => (it === '' ? 'migrations/' : `${it}/migrations/`));
  const all = near.map((it) => paths.filter((path) => path.startsWith(it) && path.endsWith('/migration.sql'))).find((it) => it.length > 0) ?? [];
  return [...all].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The next number of as many digits; of a time in digits (`20260131120000`) it is the second after. */
export function following(digits: string): string {
  if (digits.length === 14 && /59$/.test(digits)) return cannot('the next migration can’t be given a valid time: the last one ends in 59 seconds');
  return String(BigInt(digits) + 1n).padStart(digits.length, '0');
}
