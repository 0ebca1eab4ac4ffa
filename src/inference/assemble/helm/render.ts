import type { Problem } from '../../../model/topology.ts';
import { isObject, type Json, UNKNOWN_TEXT } from '../../detectors/kubernetes-values.ts';
import { evaluate, isTrue, type Scope, UNKNOWN } from './expression.ts';
import { parseTemplate, type Template, type TemplateNode } from './template.ts';

/** What a chart's templates may know. The release is taken to be called like the outermost chart. */
export interface Chart {
  name: string;
  /** Absent: it is the outermost chart itself. */
  release?: string;
  version: string;
  values: Json;
  /** Texts of all templates by path: their named parts are shared. */
  templates: ReadonlyMap<string, string>;
}

export interface Rendered {
  text: string;
  /** Line of the template, by line of the text; both count from 1. */
  lineOf(line: number): number;
  problems: readonly Problem[];
}

const MOST_TEXT = 500_000;
const DEEPEST_INCLUDE = 20;
/** Fields whose value decides something here. */
const TOLD = /^\s*-?\s*(replicas|image|value|cpu|minReplicas|maxReplicas)\s*:\s*["']?$/;

/** Renders templates of one chart. What its values don't decide stays as an unknown text, with a problem where that matters; a block on such a condition is left out. */
export function rendererOf(chart: Chart): (file: string) => Rendered {
  const parsed = new Map([...chart.templates].map(([file, text]) => [file, parseTemplate(text)]));
  const parts = new Map([...parsed.values()].flatMap((it: Template) => [...it.parts]));
  const root: Json = {
    Values: chart.values,
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.version },
    Release: { Name: chart.release ?? chart.name, Namespace: 'default', Service: 'Helm', IsInstall: true },
    Capabilities: { KubeVersion: { Version: 'v1.30.0', GitVersion: 'v1.30.0' } },
    Template: { BasePath: 'templates' },
  };

  return (file) => {
    const problems: Problem[] = [];
    let text = '';
    let line = 1;
    const lines: number[] = [1];
    const write = (more: string, from: number, follows: boolean): void => {
      if (text.length + more.length > MOST_TEXT) return;
      // Text of a template moves on line by line, what an action writes all belongs to the action.
      let at = from;
      if (text === '' || text.endsWith('\n')) lines[line - 1] = from;
      for (const c of more) {
        if (c !== '\n') continue;
        if (follows) at++;
        lines[line++] = at;
      }
      text += more;
    };
    const inner =
      (depth: number): Scope['include'] =>
      (name, dot) => {
        const part = parts.get(name);
        if (!part || depth >= DEEPEST_INCLUDE) return fallback(name, chart);
        let found = '';
        const isWhole = play(part, { dot, variables: new Map([['$', root]]), include: inner(depth + 1) }, (more) => {
          found += more;
        });
        return isWhole && !found.includes(UNKNOWN_TEXT) ? found : (fallback(name, chart) ?? UNKNOWN);
      };
    play(parsed.get(file)?.body ?? [], { dot: root, variables: new Map([['$', root]]), include: inner(0) }, write, (node) => {
      if (problems.length < 20 && !problems.some((it) => it.line === node.line) && TOLD.test(text.slice(text.lastIndexOf('\n') + 1)))
        problems.push({ file, line: node.line, message: 'This template is not understood here: the value counts as unknown.' });
    });
    return { text, lineOf: (at) => lines[at - 1] ?? 1, problems };
  };
}

type Write = (text: string, line: number, follows: boolean) => void;

/** Writes what the nodes say; false where a condition was not known. */
function play(nodes: readonly TemplateNode[], given: Scope, write: Write, isUnread: (node: TemplateNode) => void = () => {}): boolean {
  let scope = given;
  let isWhole = true;
  for (const node of nodes) {
    if (node.kind === 'text') write(node.text, node.line, true);
    else if (node.kind === 'action') {
      const [, name, code] = /^(\$\w+)\s*:?=\s*([\s\S]*)$/.exec(node.code) ?? [];
      if (name) {
        scope = { ...scope, variables: new Map([...scope.variables, [name, evaluate(code ?? '', scope)]]) };
        continue;
      }
      const value = evaluate(node.code, scope);
      if (value === UNKNOWN) isUnread(node);
      write(value === UNKNOWN ? unknownText(node.code) : shown(value), node.line, false);
    } else isWhole = playBlock(node, scope, write, isUnread) && isWhole;
  }
  return isWhole;
}

function playBlock(node: Extract<TemplateNode, { kind: 'block' }>, scope: Scope, write: Write, isUnread: (node: TemplateNode) => void): boolean {
  for (const { code, body } of node.branches) {
    if (code === null) return play(body, scope, write, isUnread);
    const [, names, expression] = /^((?:\$\w+\s*,\s*)?\$\w+\s*:=\s*)?([\s\S]*)$/.exec(code) ?? [];
    const bound = [...(names ?? '').matchAll(/\$\w+/g)].map((it) => it[0]);
    const value = evaluate(expression ?? '', scope);
    if (value === UNKNOWN) return false;
    if (!isTrue(value)) continue;
    if (node.word !== 'range') {
      const variables = bound[0] ? new Map([...scope.variables, [bound[0], value]]) : scope.variables;
      return play(body, { ...scope, variables, ...(node.word === 'with' && { dot: value }) }, write, isUnread);
    }
    const items: readonly (readonly [unknown, unknown])[] = Array.isArray(value) ? value.map((it, index) => [index, it] as const) : isObject(value) ? Object.entries(value) : [];
    return items
      .map(([key, it]) => {
        const variables = new Map(scope.variables);
        if (bound.length > 1) variables.set(bound[0] as string, key);
        if (bound.length > 0) variables.set(bound.at(-1) as string, it);
        return play(body, { ...scope, dot: it, variables }, write, isUnread);
      })
      .every(Boolean);
  }
  return true;
}

const shown = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** An unknown text; where it fills lines of its own, one entry that stays valid YAML. */
function unknownText(code: string): string {
  const by = /\bn?indent\s+(\d+)\s*$/.exec(code)?.[1];
  if (by === undefined) return UNKNOWN_TEXT;
  const name = /\b(?:include|template)\s+"([^"]+)"/.exec(code)?.[1] ?? 'template';
  return `\n${' '.repeat(Number(by))}"${name}": "${UNKNOWN_TEXT}"`;
}

/** Names are made by convention: the release's, which is the outermost chart's, with the chart's own behind it. */
function fallback(name: string, { name: chart, release = chart }: Chart): unknown {
  if (/\.fullname$/.test(name)) return release.includes(chart) ? release : `${release}-${chart}`;
  return /\.name$/.test(name) ? chart : UNKNOWN;
}
