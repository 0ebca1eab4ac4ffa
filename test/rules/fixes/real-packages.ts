// npm run fixes: makes every fix in every form of its program, then type-checks all of them against the real types of what they use, installed into a folder of their own. Needs a package registry; takes a minute or two.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ts } from 'ts-morph';
import { RULES } from '../../../src/rules/index.ts';
import type { Files } from '../workspaces/sources.ts';
import { FORMS } from '../workspaces/forms.ts';
import { type Fix, fixed } from './fix.ts';
import { inForm } from './in-forms.ts';

/** Packages whose types stand in another one. */
const TYPES: Readonly<Record<string, string>> = { express: '^4', pg: '*', koa: '*', '@koa/router': '*', nodemailer: '*', node: '24' };
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  // Clients that a generator has yet to write (Prisma) are of any type.
  noImplicitAny: false,
  noEmit: true,
  allowJs: true,
  skipLibCheck: true,
  noUnusedLocals: true,
  allowImportingTsExtensions: true,
  // Decorators as TypeORM and NestJS want them.
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
};
interface Done {
  name: string;
  before: Files;
  after: Files;
}

const folder = import.meta.dirname;
const ids = (await readdir(folder)).map((it) => it.replace('.ts', ''));
const done: Done[] = [];
for (const rule of RULES.filter((it) => ids.includes(it.id))) {
  const { default: fixes } = (await import(join(folder, `${rule.id}.ts`))) as { default: readonly Fix[] };
  for (const fix of fixes) {
    const made = await fixed(rule.id, fix.remedy, fix.files, fix.scenario);
    if ('cannot' in made) throw new Error(`${rule.id}, ${fix.says}: ${made.cannot}`);
    done.push({ name: `${rule.id}/${fix.remedy}: ${fix.says}`, before: fix.files, after: made.files });
  }
}

const counts = { made: 0, refused: 0, wrong: 0 };
for (const rule of RULES.filter((it) => ids.includes(it.id))) {
  const { default: fixes } = (await import(join(folder, `${rule.id}.ts`))) as { default: readonly Fix[] };
  for (const fix of fixes)
    for (const form of FORMS) {
      const became = await inForm(rule.id, fix, form);
      if (became === 'same') continue;
      const kind = became === 'made' ? became : 'wrong' in became ? 'wrong' : 'refused';
      counts[kind] += 1;
      if (became !== 'made') console.log(`${kind.padEnd(8)}${rule.id}/${fix.remedy}: ${fix.says}, ${form.name}: ${'wrong' in became ? became.wrong : became.refused}`);
    }
}
console.log(`\nin other forms: ${counts.made} made, ${counts.refused} refused with a reason, ${counts.wrong} wrong\n`);

const root = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'fixes-')));
await mkdir(root, { recursive: true });
try {
  await install(root);
  let wrong = 0;
  const sources = new Map<string, ts.SourceFile | undefined>();
  for (const [index, it] of done.entries()) {
    const was = await complaints(join(root, `${index}-before`), it.before, sources);
    const news = (await complaints(join(root, `${index}-after`), it.after, sources)).filter((one) => !was.includes(one));
    wrong += news.length > 0 ? 1 : 0;
    console.log(`${news.length > 0 ? 'WRONG' : 'ok   '} ${it.name}${was.length > 0 ? ` (${was.length} complaints as it was)` : ''}${news.map((one) => `\n      ${one}`).join('')}`);
  }
  console.log(`\n${done.length} fixes, ${wrong} that do not compile as well as what they mend`);
  process.exitCode = wrong + counts.wrong > 0 ? 1 : 0;
} finally {
  if (process.argv[2] === undefined) await rm(root, { recursive: true });
}

/** All packages of all fixes, and their types, once. */
async function install(to: string): Promise<void> {
  // For the types of the language itself: the parser at hand comes without them.
  const wanted: Record<string, string> = { typescript: '<7' };
  for (const { after } of done) {
    const { dependencies } = JSON.parse(after['package.json'] as string) as { dependencies: Record<string, string> };
    for (const [name, range] of Object.entries(dependencies)) wanted[name] ??= range;
  }
  for (const [name, range] of Object.entries(TYPES)) if (name === 'node' || name in wanted) wanted[`@types/${name.replace('@', '').replace('/', '__')}`] = range;
  await writeFile(join(to, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }));
  const ran = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--loglevel=error'], { cwd: to, stdio: 'inherit' });
  if (ran.status !== 0) throw new Error('the packages could not be installed');
}

/** What the compiler says of a workspace, without the places: those move. */
async function complaints(at: string, files: Files, sources: Map<string, ts.SourceFile | undefined>): Promise<string[]> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, file)), { recursive: true });
    await writeFile(join(at, file), text);
  }
  const code = Object.keys(files).filter((it) => /\.[cm]?[jt]s$/.test(it));
  const host = ts.createCompilerHost(OPTIONS);
  const parse = host.getSourceFile.bind(host);
  const library = join(at, '../node_modules/typescript/lib');
  host.getDefaultLibLocation = () => library;
  host.getDefaultLibFileName = (options) => join(library, ts.getDefaultLibFileName(options));
  host.getCurrentDirectory = () => at;
  host.getSourceFile = (name, ...rest) => {
    if (!name.includes('node_modules')) return parse(name, ...rest);
    if (!sources.has(name)) sources.set(name, parse(name, ...rest));
    return sources.get(name);
  };
  const program = ts.createProgram({ rootNames: code.map((it) => join(at, it)), options: { ...OPTIONS, typeRoots: [join(at, '../node_modules/@types')] }, host });
  const own = program.getSourceFiles().filter((it) => it.fileName.startsWith(at));
  return own.flatMap((it) =>
    [...program.getSyntacticDiagnostics(it), ...program.getSemanticDiagnostics(it)].map(
      (one) => `${it.fileName.slice(at.length + 1)}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`,
    ),
  );
}
