import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { writeAt, type Write } from './find-write.ts';
import { jobData } from './job-data.ts';
import { type AfterWrite, afterWrite, madeBy } from './after-write.ts';
import { addDependencies, type Manifest, manifestOf } from './manifest.ts';
import { bindingOf, exchangeImport, importLine, insertImport, joined, moduleKind, relativeSpecifier, resolveSpecifier, specifierEnding } from './modules.ts';
import { caseLines, queueFile, type QueueParts, type WorkImport, workerFile } from './queue-files.ts';
import { queueServices } from './queue-services.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { type Handler, ownNodes, rootOf } from './route-handler.ts';
import { indentAt, parse, type Source } from './source.ts';
import { startCommand } from './start-command.ts';
import { startUpFor } from './start-ups.ts';
import { rangesOf } from './versions.ts';

const DEPENDENCIES = { bullmq: rangesOf(['bullmq', 'ioredis']), kafka: rangesOf(['kafkajs']) } as const;
/** Jobs at once when the rule that calls has not computed a number. */
const USUAL_CONCURRENCY = 10;

/**
 * Puts a queue between a write handler and the database: the handler enqueues and answers 202, a worker of its own does the write.
 * The client then learns of a failed write only by asking, so this changes what the route promises.
 */
export default {
  id: 'insert-queue',
  byHand: (args) => `at ${placeIn(args)}, put what is to be written on a queue and answer 202; write it in a worker with a concurrency of ${args.concurrency}`,
  make: async (args, workspace) => {
    const technology = textArg(args, 'technology');
    if (technology !== 'bullmq' && technology !== 'kafka') return cannot(`${technology} is neither bullmq nor kafka`);
    const queue = textArg(args, 'queue').replace(/[^A-Za-z0-9._-]+/g, '-');
    if (!/^[A-Za-z][\w.-]{0,80}$/.test(queue)) cannot('the queue has no usable name');
    const meant = args.writeFile === undefined ? undefined : { file: textArg(args, 'writeFile'), line: countArg(args, 'writeLine') };
    const write = await writeAt(workspace, textArg(args, 'file'), countArg(args, 'line'), meant);
    const manifest = await manifestOf(workspace, write.source.file);
    const concurrency = args.concurrency === undefined ? USUAL_CONCURRENCY : countArg(args, 'concurrency');
    const moved: Moved = { source: write.source, call: write.found.call, handler: write.found.handler, after: afterWrite(write.source, write.found) };
    return {
      edits: await putQueue(workspace, manifest, moved, { technology, queue, concurrency }, (parts, sent, specifier, root) =>
        enqueue(write.source, write, parts, sent, specifier, root),
      ),
    };
  },
} satisfies Recipe;

/** A call that a worker is to make, in the function that makes it now. */
export interface Moved {
  source: Source;
  call: ts.CallExpression;
  handler: Handler;
  /** What is done once the call is; absent: nothing. */
  after?: AfterWrite;
}

/** The queue's and the worker's file, their dependencies and services; `enqueue` is the edit where the call stood. */
export async function putQueue(
  workspace: Workspace,
  manifest: Manifest,
  { source, call, handler, after = { result: null, lines: [], roots: [] } }: Moved,
  wanted: Pick<QueueParts, 'technology' | 'queue' | 'concurrency'>,
  enqueue: (parts: QueueParts, sent: string, specifier: string, root: string) => TextEdit[],
): Promise<FileEdit[]> {
  const root = rootOf(call);
  if (root === undefined) return cannot('what does the work is no imported function');
  const bindings = [root, ...after.roots.filter((it) => it !== root)].map((name) => ({
    name,
    binding: bindingOf(source, name) ?? cannot(`${name} is made in ${source.file} itself: a worker can't take it from there`),
  }));
  if (/\.queue(\.[cm]?[jt]s)?$/.test(bindings[0]?.binding.specifier ?? '')) return cannot('the handler enqueues already');
  const { files } = await workspace.list();
  const kind = moduleKind(source);
  const ending = specifierEnding(source, manifest.isEsModule);
  const extension = /\.([cm]?[jt]s)x?$/.exec(source.file)?.[1] ?? 'js';
  const inSource = source.file.startsWith(`${joined(manifest.folder, 'src')}/`);
  const base = joined(manifest.folder, inSource ? 'src' : '', 'queues', wanted.queue);
  const [queueAt, workerAt] = [`${base}.queue.${extension}`, `${base}.worker.${extension}`];
  const locals: string[] = [];
  const workImports = bindings.map(({ name, binding }): WorkImport => {
    const local = resolveSpecifier(source.file, binding.specifier, files);
    if (binding.specifier.startsWith('.') && !local) cannot(`${binding.specifier} can't be found`);
    if (local) locals.push(local);
    const specifier = local ? relativeSpecifier(workerAt, local, ending) : binding.specifier;
    return { name, specifier, line: binding.write(specifier, kind, "'", ';') };
  });
  const startUp = await startUpFor(workspace, manifest, locals, (to) => relativeSpecifier(workerAt, to, ending), kind);
  const data = jobData(source, call, handler);
  const callee = call.expression.getText(source.tree);
  const parts: QueueParts = {
    ...wanted,
    variable: `${camelCase(wanted.queue)}Queue`,
    kind,
    style: source,
    workImports: startUp ? [...workImports, startUp] : workImports,
    startUp: startUp?.name ?? null,
    queueSpecifier: relativeSpecifier(workerAt, queueAt, ending),
    job: { name: callee.replace(/[^\w.]+/g, ''), call: `${callee}(${data.received})`, result: after.result, after: after.lines },
  };
  const exists = files.some((it) => it.path === queueAt);
  const services = await queueServices(workspace, manifest, source.file, workerAt, wanted);
  // Without a compose file the package itself has to say how the worker is started.
  const scripts = services || exists ? {} : { [`worker:${wanted.queue}`]: await startCommand(workspace, manifest, workerAt) };
  const dependencies = addDependencies(manifest, DEPENDENCIES[wanted.technology], scripts);
  return [
    { kind: 'change', file: source.file, before: source.text, edits: enqueue(parts, data.sent, relativeSpecifier(source.file, queueAt, ending), root) },
    ...(exists
      ? [await addJob(workspace, workerAt, parts)]
      : [
          { kind: 'create' as const, file: queueAt, text: queueFile(parts) },
          { kind: 'create' as const, file: workerAt, text: workerFile(parts) },
        ]),
    ...(dependencies ? [dependencies] : []),
    ...(services ? [services] : []),
  ];
}

/** The handler's part: enqueue instead of call, 202 instead of the result. */
function enqueue(source: Source, { found }: Write, parts: QueueParts, sent: string, specifier: string, root: string): TextEdit[] {
  const { handler, statement, between, answer, names } = found;
  const gone = [statement, ...between, answer];
  const inside = (it: ts.Node) => gone.some((part) => part.pos <= it.pos && it.end <= part.end);
  const identifiers = ownNodes(handler.node, ts.isIdentifier);
  const declared = [...names, ...between.flatMap(madeBy)];
  if (identifiers.some((it) => declared.includes(it.text) && !inside(it) && !isMemberName(it))) cannot('the result is used for more than the response');
  const job = identifiers.some((it) => it.text === 'job') ? 'queued' : 'job';
  const { quote } = source;
  const end = statement.getText(source.tree).endsWith(';') ? ';' : '';
  const added = `const ${job} = await ${parts.variable}.add(${quote}${parts.job.name}${quote}, ${sent})${end}`;
  const accepted = `${handler.reply}.${/^(reply|rep)$/.test(handler.reply) ? 'code' : 'status'}(202).${/^(reply|rep)$/.test(handler.reply) ? 'send' : 'json'}({ id: ${job}.id })`;
  const answered = `${ts.isReturnStatement(answer) ? 'return ' : ''}${accepted}${answer.getText(source.tree).endsWith(';') ? ';' : ''}`;
  const start = statement.getStart(source.tree);
  const edits: TextEdit[] =
    statement === answer || between.length > 0
      ? [{ start, end: answer.getEnd(), newText: `${added}${source.eol}${indentAt(source.text, start)}${answered}` }]
      : [
          { start, end: statement.getEnd(), newText: added },
          { start: answer.getStart(source.tree), end: answer.getEnd(), newText: answered },
        ];
  const usesRemoved = (name: string): number => (sent.includes(name) ? 0 : identifiers.filter((it) => it.text === name && inside(it) && !isMemberName(it)).length);
  const line = bindingOf(source, parts.variable) ? null : importLine(source, parts.kind, parts.variable, specifier);
  const first = exchangeImport(source, line, { name: root, usesRemoved: usesRemoved(root) });
  // One name of an import: two of them next to each other would each take the comma between.
  const others = [...new Set(identifiers.filter((it) => inside(it) && it.text !== root && !isMemberName(it)).map((it) => it.text))].filter((it) => bindingOf(source, it)?.alone);
  return [...edits, ...first, ...others.flatMap((name) => exchangeImport(source, null, { name, usesRemoved: usesRemoved(name) }))];
}

const isMemberName = (it: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(it.parent) && it.parent.name === it) || (ts.isPropertyAssignment(it.parent) && it.parent.name === it);

/** A second route on the same queue: one more case in the worker that is there. */
async function addJob(workspace: Workspace, workerAt: string, parts: QueueParts): Promise<FileEdit> {
  const source = parse(workerAt, await textOf(workspace, workerAt));
  const fallbacks = source.text.includes('switch (job.name)') ? [...source.text.matchAll(/^([ \t]*)default:/gm)] : [];
  const [fallback] = fallbacks;
  if (fallbacks.length !== 1 || !fallback) return cannot(`${workerAt} exists already and was not written by this edit`);
  if (source.text.includes(`case ${source.quote}${parts.job.name}${source.quote}:`)) return cannot(`${workerAt} does ${parts.job.name} already`);
  const lines = caseLines(parts.job, source.quote, source.semicolon).map((it) => (it === '' ? source.eol : `${fallback[1]}${it}${source.eol}`));
  const edits: TextEdit[] = [{ start: fallback.index, end: fallback.index, newText: lines.join('') }];
  const missing = parts.workImports.filter(({ name, specifier }) => {
    const bound = bindingOf(source, name);
    if (bound && bound.specifier !== specifier) cannot(`${name} already names something else in ${workerAt}`);
    return !bound;
  });
  const added = missing.map(({ line }) => line.replace(/;$/, source.semicolon).replaceAll("'", source.quote));
  if (added.length > 0) edits.push(insertImport(source, added.join(source.eol)));
  return { kind: 'change', file: workerAt, before: source.text, edits };
}

const camelCase = (text: string): string =>
  text.replace(/[^A-Za-z0-9]+([A-Za-z0-9])?/g, (_all, next: string | undefined) => next?.toUpperCase() ?? '').replace(/^[A-Z]/, (it) => it.toLowerCase());
