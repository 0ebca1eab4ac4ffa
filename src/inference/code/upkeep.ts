import type { Place } from '../../model/known.ts';
import type { Upkeep } from '../../model/topology.ts';
import type { At, ModuleSyntax } from './syntax.ts';

/** A node of the syntax with what stands around it, innermost last. */
interface Met {
  node: Node;
  around: readonly Node[];
}
export type Node = Readonly<Record<string, unknown>> & { k?: string };

const TAKES_AWAY = /^(delete|clear|del|mdel|deleteMany|take|ttl|flushAll|flushStats|reset|prune|close)$/;
/** What leaves a collection as large as it is, or adds to it; iterating gives nothing away that could be taken out. */
const KEEPS = /^(get|set|has|add|keys|values|entries|forEach|hasOwnProperty|toString|mget|mset|getMany|getStats|on|once)$/;

/**
 * What a program does, anywhere, with a collection besides putting entries in: it is followed by its name, not by its value.
 * Whoever hands it on, returns it or keeps it under another name may do anything with it: unknown. A second thing of the same name counts as the same.
 */
export function upkeepOf(modules: ReadonlyMap<string, ModuleSyntax>, made: Place): Upkeep {
  const home = modules.get(made.file);
  const name = home && nameOfMade(home, made);
  if (!home || !name) return 'unknown';
  const own = judged(home, name, name.isField);
  // Fields are reached from anywhere; a variable only where its file exports it.
  if (own !== 'none' || !(name.isField || exportsName(home, name.text))) return own;
  for (const other of modules.values()) {
    if (other === home) continue;
    const found = judged(other, name, true);
    if (found !== 'none') return found;
  }
  return 'none';
}

/** What one file has to do with the answer of `upkeepOf`: as long as each says the same, so does the program. */
export function upkeepIn(modules: ReadonlyMap<string, ModuleSyntax>, made: Place, file: ModuleSyntax): unknown {
  const home = file.file === made.file ? file : modules.get(made.file);
  const name = home && nameOfMade(home, made);
  if (!home || !name) return null;
  return file === home ? [name, judged(home, name, name.isField), exportsName(home, name.text)] : judged(file, name, true);
}

interface Name {
  text: string;
  isField: boolean;
}

/** The variable or field that holds what is made at a place. */
function nameOfMade(home: ModuleSyntax, made: Place): Name | undefined {
  let found: Name | undefined;
  visit(home.body, [], ({ node, around }) => {
    const at = node.at as At | undefined;
    if (found || (node.k !== 'call' && node.k !== 'object') || at?.[0] !== made.line || at[1] !== made.column) return;
    found = nameIn(around.at(-1));
  });
  return found;
}

function nameIn(holder: Node | undefined): Name | undefined {
  if (!holder) return undefined;
  const pattern = holder.p as Node | undefined;
  if (holder.k === 'variable' && pattern?.k === 'bind') return { text: String(pattern.n), isField: false };
  const target = holder.k === 'assign' ? (holder.target as Node) : undefined;
  if (target?.k === 'member') return { text: String(target.p), isField: true };
  if (target?.k === 'name') return { text: String(target.n), isField: false };
  // A field of a class, or a property of an object.
  return typeof holder.n === 'string' && 'v' in holder ? { text: holder.n, isField: true } : undefined;
}

/** Names under which a file may know it: its own, and what an import calls it. */
function namesIn(file: ModuleSyntax, { text, isField }: Name): ReadonlySet<string> {
  const names = new Set(isField ? [] : [text]);
  for (const it of file.body) {
    if (it.k === 'import') for (const [imported, local] of it.names) if (imported === text) names.add(local);
    // `const { cache } = require('./store')`.
    if (it.k === 'variable' && it.p.k === 'object' && (it.v?.k === 'import' || it.v?.k === 'name'))
      for (const part of it.p.ps) if (part.key === text && part.p.k === 'bind') names.add(part.p.n);
  }
  return names;
}

function judged(file: ModuleSyntax, name: Name, asMember: boolean): Upkeep {
  const names = namesIn(file, name);
  let takes = false;
  let isLost = false;
  visit(file.body, [], ({ node, around }) => {
    const isUse = (node.k === 'name' && names.has(String(node.n))) || (asMember && node.k === 'member' && node.p === name.text);
    if (isUse) {
      const use = howUsed(node, around);
      takes ||= use === 'takes';
      isLost ||= use === 'lost';
    } else if (Array.isArray(node.ps) && node.k === 'object' && (node.ps as Node[]).some((it) => it.key === name.text)) isLost ||= !isImported(around.at(-1));
  });
  return takes ? 'some' : isLost ? 'unknown' : 'none';
}

const isImported = (declaration: Node | undefined): boolean => declaration?.k === 'variable' && /^(import|name)$/.test(String((declaration.v as Node | undefined)?.k));

function howUsed(node: Node, around: readonly Node[]): 'keeps' | 'takes' | 'lost' {
  const parent = around.at(-1);
  const above = around.at(-2);
  switch (parent?.k) {
    case 'member': {
      const asked = String(parent.p);
      if (parent.o !== node) return 'keeps';
      if (asked === 'size' || asked === 'length' || TAKES_AWAY.test(asked)) return 'takes';
      return above?.k === 'call' && above.f === parent && KEEPS.test(asked) ? 'keeps' : 'lost';
    }
    case 'index':
      // `delete cache[key]` is among what is read as anything else.
      return parent.o !== node ? 'lost' : above?.k === 'other' ? 'takes' : 'keeps';
    case 'assign':
      // Made anew: all that was in it is gone. Its own making is an assignment too.
      return parent.target !== node ? 'lost' : isMade(parent.v as Node) && !isInFunction(around, parent) ? 'keeps' : 'takes';
    case 'not':
    case 'binary':
    case 'loop':
    case 'import':
    case 'export':
    case 'exportDefault':
    case 'expression':
    case 'if':
      return 'keeps';
    case 'spread':
      return above?.k === 'array' ? 'keeps' : 'lost';
    default:
      return isExported(around) ? 'keeps' : 'lost';
  }
}

/** `module.exports = { cache }`. */
function isExported(around: readonly Node[]): boolean {
  const [assignment, object] = [around.at(-3), around.at(-2)];
  return object?.k === 'object' && assignment?.k === 'assign' && (assignment.target as Node).p === 'exports';
}

const isMade = (it: Node | undefined): boolean => it?.k === 'object' || (it?.k === 'call' && it.isNew === true);

/** An assignment outside of all functions, or in a constructor, makes it once; anywhere else it may be made again. */
function isInFunction(around: readonly Node[], parent: Node): boolean {
  const before = around.slice(0, around.indexOf(parent));
  const holder = before.findLastIndex((it) => Array.isArray(it.params));
  if (holder < 0) return false;
  const owner = before[holder - 1];
  return owner?.construct !== before[holder];
}

function exportsName(file: ModuleSyntax, name: string): boolean {
  return file.body.some((it) => {
    if (it.k === 'export') return it.names.some(([local]) => local === name);
    if (it.k === 'exportDefault') return it.e.k === 'name' && it.e.n === name;
    // `module.exports = { cache }`.
    return it.k === 'expression' && it.e.k === 'assign' && JSON.stringify(it.e.target).includes('exports');
  });
}

/** Whether a method of such a name is called anywhere in a program. */
export function callsMethod(modules: ReadonlyMap<string, ModuleSyntax>, method: RegExp): boolean {
  let found = false;
  for (const file of modules.values()) {
    if (found) break;
    visit(file.body, [], ({ node }) => {
      const callee = node.k === 'call' ? (node.f as Node) : undefined;
      found ||= callee?.k === 'member' && method.test(String(callee.p));
    });
  }
  return found;
}

function visit(it: unknown, around: readonly Node[], met: (it: Met) => void): void {
  if (typeof it !== 'object' || it === null) return;
  if (Array.isArray(it)) {
    for (const part of it) visit(part, around, met);
    return;
  }
  const node = it as Node;
  met({ node, around });
  const inside = [...around, node];
  for (const part of Object.values(node)) visit(part, inside, met);
}
