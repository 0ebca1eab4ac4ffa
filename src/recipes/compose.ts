import { type Document, isMap, isScalar, isSeq, type Pair, parseDocument, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { applyEdits, type FileEdit, type TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { difference } from './manifest.ts';
import { folderOf, joined } from './modules.ts';
import { cannot, textOf } from './recipe.ts';

/** A service of a compose file, with where its lines lie. */
export interface ComposeService {
  name: string;
  map: YAMLMap;
  /** From the start of its first line to the start of the line behind its last one; comments and blank lines behind it are not its own. */
  start: number;
  end: number;
  indent: string;
}

export interface Compose {
  text: string;
  eol: string;
  services: readonly ComposeService[];
}

export const isComposeFile = (path: string): boolean => /(^|\/)(docker-)?compose[^/]*\.ya?ml$/.test(path);

/** Reads the services with their places. Refuses files with errors, anchors that are merged in, and services in flow style: a line added there may mean something else. */
export function composeOf(file: string, text: string): Compose {
  const document = parseDocument(text, { keepSourceTokens: false });
  if (document.errors.length > 0 || hasLooseAlias(document)) cannot(`${file} is not valid YAML`);
  const services = isMap(document.contents) ? document.contents.get('services', true) : undefined;
  if (!isMap(services) || services.flow) return cannot(`${file} has no services in block style`);
  return {
    text,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    services: services.items.flatMap((pair): ComposeService[] => {
      if (!isScalar(pair.key) || !isMap(pair.value) || pair.value.flow) return [];
      return [{ name: String(pair.key.value), map: pair.value, ...linesOf(text, pair as Pair) }];
    }),
  };
}

/** An alias whose anchor is not there is no error to the parser, only to whoever reads the values. */
function hasLooseAlias(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** The lines of a pair, without the blank ones and comments behind it. */
function linesOf(text: string, pair: Pair): { start: number; end: number; indent: string } {
  const key = (pair.key as { range: [number, number, number] }).range;
  const value = (pair.value as { range?: [number, number, number] | null } | null)?.range ?? key;
  const start = text.lastIndexOf('\n', key[0] - 1) + 1;
  let end = text.indexOf('\n', lastCharacter(text, value[1]));
  end = end < 0 ? text.length : end + 1;
  return { start, end, indent: text.slice(start, key[0]) };
}

function lastCharacter(text: string, end: number): number {
  let at = Math.min(end, text.length) - 1;
  while (at > 0 && /\s/.test(text[at] as string)) at -= 1;
  return at;
}

export function serviceNamed(compose: Compose, file: string, name: string): ComposeService {
  return compose.services.find((it) => it.name === name) ?? cannot(`${file} has no service ${name}`);
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined => map.items.find((it) => isScalar(it.key) && it.key.value === key) as Pair | undefined;
const textAt = (map: YAMLMap, key: string): string | undefined => {
  const value = map.get(key);
  return typeof value === 'string' ? value : undefined;
};
export const imageOf = (service: ComposeService): string => textAt(service.map, 'image') ?? '';

/** The folder that a service is built from, relative to the workspace; undefined where it is not built here. */
export function buildFolder(service: ComposeService, file: string): string | undefined {
  const build = service.map.get('build');
  const context = typeof build === 'string' ? build : isMap(build) ? build.get('context') : undefined;
  return typeof context === 'string' ? joined(folderOf(file), context) : undefined;
}

/** Environment variables of a service as far as they are written here. */
export function environmentOf(service: ComposeService): Record<string, string> {
  const value = service.map.get('environment', true);
  if (isMap(value))
    return Object.fromEntries(value.items.map((it) => [String((it.key as { value?: unknown }).value), String((it.value as { value?: unknown } | null)?.value ?? '')]));
  if (!isSeq(value)) return {};
  return Object.fromEntries(
    value.items.map((it) => {
      const text = String((it as { value?: unknown }).value ?? '');
      const at = text.indexOf('=');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A variable as it is written, quotes and interpolation included, so that nothing is resolved or repeated in another form. */
export function rawEnvironment(service: ComposeService, text: string, name: string): string | undefined {
  const value = service.map.get('environment', true);
  if (isMap(value)) {
    const found = value.get(name, true);
    return isScalar(found) && found.range ? text.slice(found.range[0], found.range[1]) : undefined;
  }
  const written = environmentOf(service)[name];
  return isSeq(value) && written !== undefined && written !== '' ? JSON.stringify(written) : undefined;
}

/** Adds an environment variable in the way that the service writes them; nothing where it has one. */
export function addEnvironment(compose: Compose, service: ComposeService, name: string, value: string): TextEdit[] {
  if (name in environmentOf(service)) return [];
  return addTo(compose, service, 'environment', (isList) => (isList ? `- ${name}=${value}` : `${name}: ${value}`));
}

/** Adds a dependency; nothing where it stands already. */
export function addDependency(compose: Compose, service: ComposeService, on: string): TextEdit[] {
  const value = service.map.get('depends_on', true);
  if (isMap(value) && value.has(on)) return [];
  if (isSeq(value) && value.items.some((it) => isScalar(it) && it.value === on)) return [];
  return addTo(compose, service, 'depends_on', (isList, unit) => (isList ? `- ${on}` : `${on}:${compose.eol}${unit}condition: service_started`));
}

/** Puts an entry at the end of a list or map below `key`, or makes `key` at the end of the service. */
export function addTo(compose: Compose, service: ComposeService, key: string, entry: (isList: boolean, unit: string) => string): TextEdit[] {
  const { text, eol } = compose;
  const inner = innerIndent(text, service);
  const unit = inner.slice(service.indent.length) || '  ';
  const pair = pairOf(service.map, key);
  const indented = (indent: string, it: string) =>
    it
      .split(eol)
      .map((line, index) => indent + (index === 0 ? line : `${line}`))
      .join(eol);
  // What `<<` brings in would be replaced as a whole by a key of the service's own.
  if (!pair && service.map.has('<<')) cannot(`${service.name} gets its settings by a YAML merge (<<)`);
  if (!pair || pair.value === null) {
    const asList = key === 'depends_on' || key === 'volumes';
    return [insertLine(text, service.end, `${inner}${key}:${eol}${indented(inner + unit, entry(asList, unit))}${eol}`, eol)];
  }
  const value = pair.value as YAMLMap | YAMLSeq;
  if ((!isMap(value) && !isSeq(value)) || value.items.length === 0) return cannot(`${key} of ${service.name} is not a list or map in block style`);
  const isList = isSeq(value);
  if (value.flow) {
    if (!isList) return cannot(`${key} of ${service.name} is written on one line, which can’t be added to safely`);
    const last = (value.items.at(-1) as { range: [number, number, number] }).range;
    return [{ start: last[1], end: last[1], newText: `, ${entry(true, unit).slice(2)}` }];
  }
  const lines = linesOf(text, pair);
  const first = value.items[0] as { range?: [number, number, number]; key?: { range: [number, number, number] } };
  const at = isList ? text.lastIndexOf('-', (first.range as [number, number, number])[0]) : (first.key?.range[0] as number);
  const indent = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  if (indent.trim() !== '') return cannot(`${key} of ${service.name} is indented in a way that can’t be continued safely`);
  return [insertLine(text, lines.end, indented(indent, entry(isList, unit)) + eol, eol)];
}

/** At the end of a file without a last line break the line gets one before it, not behind. */
function insertLine(text: string, at: number, line: string, eol: string): TextEdit {
  const unfinished = at > 0 && text[at - 1] !== '\n';
  return { start: at, end: at, newText: unfinished ? eol + line.slice(0, -eol.length) : line };
}

function innerIndent(text: string, service: ComposeService): string {
  const first = service.map.items[0]?.key as { range?: [number, number, number] } | undefined;
  if (!first?.range) return `${service.indent}  `;
  return text.slice(text.lastIndexOf('\n', first.range[0] - 1) + 1, first.range[0]);
}

/** Keys that belong to the one service and not to a second process of the same program. */
const OWN_KEYS = new Set(['ports', 'expose', 'container_name', 'healthcheck', 'command', 'entrypoint', 'deploy', 'scale', 'hostname', 'labels']);

/** The lines of a service that runs the same program with another command. */
export function twin(compose: Compose, service: ComposeService, name: string, command: string): string {
  const { text, eol } = compose;
  const inner = innerIndent(text, service);
  const lines = [`${service.indent}${name}:`];
  const kept = service.map.items.filter((it) => isScalar(it.key) && !OWN_KEYS.has(String(it.key.value)));
  if (!kept.some((it) => isScalar(it.key) && it.key.value === 'build')) lines.push(`${inner}command: ${command}`);
  for (const pair of kept) {
    const at = linesOf(text, pair as Pair);
    lines.push(text.slice(at.start, at.end).replace(/\r?\n$/, ''));
    if (isScalar(pair.key) && pair.key.value === 'build') lines.push(`${inner}command: ${command}`);
  }
  return lines.join(eol);
}

/** What a service says under a key, as it is written, a line each without the service's own indentation; none where it doesn't say. */
export function linesUnder(compose: Compose, service: ComposeService, key: string): string[] {
  const pair = pairOf(service.map, key);
  if (!pair) return [];
  const { start, end } = linesOf(compose.text, pair);
  const inner = innerIndent(compose.text, service);
  return compose.text
    .slice(start, end)
    .replace(/\r?\n$/, '')
    .split(compose.eol)
    .map((it) => (it.startsWith(inner) ? it.slice(inner.length) : it));
}

/** Lines of a new service; `body` is indented by one step per leading tab. */
export function serviceLines(compose: Compose, like: ComposeService, name: string, body: readonly string[]): string {
  const inner = innerIndent(compose.text, like);
  const unit = inner.slice(like.indent.length);
  return [`${like.indent}${name}:`, ...body.map((it) => inner + it.replace(/^\t+/, (tabs) => unit.repeat(tabs.length)))].join(compose.eol);
}

/** Puts services behind another one, with the blank line between them that the file has. */
export function insertServices(compose: Compose, behind: ComposeService, blocks: readonly string[]): TextEdit {
  const { text, eol, services } = compose;
  const index = services.indexOf(behind);
  const next = services[index + 1] ?? services[index];
  const spaced = services.length < 2 || /\n\r?\n/.test(text.slice((services[0] as ComposeService).end - 1, (services[1] as ComposeService).start)) || next === behind;
  const gap = spaced ? eol : '';
  return insertLine(text, behind.end, blocks.map((it) => `${gap}${it}${eol}`).join(''), eol);
}

/** Steps one after another, each on the text of the one before, as one edit. */
export function composeEdit(file: string, text: string, steps: readonly ((compose: Compose) => readonly TextEdit[])[]): FileEdit | null {
  const after = steps.reduce((done, step) => applyEdits(done, step(composeOf(file, done))), text);
  return after === text ? null : { kind: 'change', file, before: text, edits: [difference(text, after)] };
}

/** What serves requests: the image's own command, or a published port. Other commands are workers and one-shot jobs of the same image. */
const isService = (it: ComposeService): boolean => !it.map.has('command') || it.map.has('ports');

/** The compose file that builds a source file, and the service that does; null where the workspace has no compose file at all. */
export async function composeFor(workspace: Workspace, sourceFile: string): Promise<{ file: string; text: string; service: string } | null> {
  const { files } = await workspace.list();
  const candidates = files.map((it) => it.path).filter((it) => isComposeFile(it) && !/(dev|test|override|ci|e2e|elk|gateway)[^/]*\.ya?ml$/.test(it));
  const found: { file: string; text: string; service: string; depth: number }[] = [];
  for (const file of candidates) {
    const text = await textOf(workspace, file);
    for (const it of composeOf(file, text).services) {
      const folder = buildFolder(it, file);
      if (folder !== undefined && (folder === '' || sourceFile.startsWith(`${folder}/`)) && isService(it)) found.push({ file, text, service: it.name, depth: folder.length });
    }
  }
  if (candidates.length === 0) return null;
  const deepest = found.filter((it) => it.depth === Math.max(...found.map((other) => other.depth)));
  if (deepest.length !== 1 || !deepest[0])
    return cannot(deepest.length === 0 ? `no compose service is built from the folder of ${sourceFile}` : `several compose services are built from the folder of ${sourceFile}`);
  return deepest[0];
}
