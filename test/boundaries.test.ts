import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** What each part may import beside itself: folders and files of the project, packages, Node. Type imports count. */
const TABLE: Record<string, { project: string[]; packages?: string[]; node?: boolean; because: string }> = {
  'src/model': { project: [], because: 'words come before deeds' },
  'src/simulator': { project: ['src/model'], because: 'must run in host, webview, CLI and worker alike' },
  'src/workspace.ts': { project: [], because: 'a port knows no user' },
  'src/inference': {
    project: ['src/model', 'src/workspace.ts'],
    packages: ['ts-morph', 'yaml', 'jsonc-parser', 'tinyglobby', 'ignore'],
    because: 'the only place that knows formats',
  },
  'src/rules': { project: ['src/model'], because: 'a rule describes; it does not compute, read or report' },
  'src/advisor': { project: ['src/model', 'src/rules', 'src/simulator'], because: 'the only place where rules meet the simulator' },
  'src/recipes': { project: ['src/model', 'src/workspace.ts'], packages: ['ts-morph', 'yaml', 'jsonc-parser'], because: 'returns edits, applies none' },
  'src/scaffold': { project: ['src/model'], because: 'same result in webview and CLI' },
  'src/diagram': { project: ['src/model'], packages: ['@dagrejs/dagre'], because: 'same result in webview and CLI' },
  'src/report': { project: ['src/model', 'src/diagram'], because: 'a report is words and JSON about a finished analysis' },
  'src/protocol.ts': { project: ['src/model'], because: 'both sides compile it' },
  'src/pipeline.ts': {
    project: ['src/model', 'src/workspace.ts', 'src/inference', 'src/simulator', 'src/advisor', 'src/rules', 'src/recipes', 'src/scaffold', 'src/diagram', 'src/measured.ts'],
    because: 'the wiring list of one analysis, for worker and CLI',
  },
  'src/measurements': { project: ['src/model'], packages: ['jsonc-parser'], because: 'files of measurements are read alike in worker and CLI' },
  'src/measured.ts': {
    project: ['src/model', 'src/workspace.ts', 'src/inference', 'src/simulator', 'src/measurements'],
    because: 'the wiring list of what was measured beside what is predicted',
  },
  'src/measuring.ts': {
    project: ['src/model', 'src/workspace.ts', 'src/inference', 'src/simulator', 'src/advisor', 'src/measurements', 'src/measured.ts'],
    because: 'the wiring list of import and recipes, for worker and CLI',
  },
  'src/comparing.ts': {
    project: ['src/model', 'src/workspace.ts', 'src/inference', 'src/pipeline.ts', 'src/report'],
    because: 'the wiring list of a comparison in the editor',
  },
  'src/looking.ts': {
    project: ['src/model', 'src/workspace.ts', 'src/pipeline.ts', 'src/report'],
    because: 'the wiring list of one look at a new project',
  },
  'src/cli-measuring.ts': { project: ['src/model', 'src/inference', 'src/measuring.ts', 'src/measurements'], node: true, because: 'files in, text out' },
  'src/analysis-worker.ts': {
    project: [
      'src/model',
      'src/workspace.ts',
      'src/pipeline.ts',
      'src/measuring.ts',
      'src/comparing.ts',
      'src/looking.ts',
      'src/measurements',
      'src/inference',
      'src/analysis-protocol.ts',
    ],
    node: true,
    because: 'the worker entry carries messages, no logic',
  },
  'src/analysis-protocol.ts': { project: ['src/model'], because: 'host and worker compile it' },
  'src/simulation-worker.ts': { project: ['src/model', 'src/simulator'], node: true, because: 'a thread carries a replication, no logic' },
  'src/simulation-threads.ts': {
    project: ['src/model', 'src/simulator', 'src/simulation-worker.ts'],
    node: true,
    because: 'the simulator itself runs anywhere; threads are of Node',
  },
  'src/cli.ts': { project: ['src', 'package.json'], node: true, because: 'the same pipeline over a folder' },
  'src/editor': {
    project: ['src/model', 'src/protocol.ts', 'src/analysis-protocol.ts', 'src/diagram', 'src/scaffold', 'src/advisor/phrase.ts'],
    packages: ['vscode'],
    node: true,
    because: 'the edge holds no logic, and activation stays small',
  },
  'src/extension.ts': { project: ['src/editor'], packages: ['vscode'], because: 'a list of parts' },
  webview: {
    project: ['src/model', 'src/simulator', 'src/diagram', 'src/protocol.ts', 'src/advisor/phrase.ts'],
    packages: ['react', 'react-dom', '@xyflow/react', 'mermaid', '@dagrejs/dagre'],
    because: 'anything else drags Node in',
  },
};
/** Files that carry more than their folder: the disk and the worker's cache. */
const NODE_FILES = ['src/inference/node-workspace.ts', 'src/inference/node-cache.ts'];

const partOf = (file: string): string | undefined =>
  Object.keys(TABLE)
    .filter((it) => file === it || file.startsWith(`${it}/`))
    .sort((a, b) => b.length - a.length)[0];

const imports = (text: string): string[] =>
  [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map((it) => (it[1] ?? it[2]) as string);

const files = globSync(['src/**/*.ts', 'webview/**/*.{ts,tsx}'], { cwd: root }).sort();

describe('boundaries', () => {
  it('finds files to judge', () => expect(files.length).toBeGreaterThan(10));

  it.each(files)('%s', (file) => {
    const part = partOf(file);
    expect(part, `${file} lies in no known part`).toBeDefined();
    const rule = TABLE[part as string] as (typeof TABLE)[string];
    const broken = imports(readFileSync(join(root, file), 'utf8')).filter((specifier) => !isAllowed(specifier, file, part as string, rule));
    expect(broken, `${part} may import only ${rule.project.join(', ') || 'nothing'}: ${rule.because}`).toEqual([]);
  });

  it('a broken import is seen', () => {
    expect(isAllowed('vscode', 'src/model/known.ts', 'src/model', TABLE['src/model'] as never)).toBe(false);
    expect(imports("import type { X } from '../rules/x.ts';\nexport * from './y.ts';")).toEqual(['../rules/x.ts', './y.ts']);
  });
});

function isAllowed(specifier: string, file: string, part: string, rule: (typeof TABLE)[string]): boolean {
  if (specifier.startsWith('node:')) return rule.node === true || NODE_FILES.includes(file);
  if (!specifier.startsWith('.')) {
    const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] as string);
    return rule.packages?.includes(name) ?? false;
  }
  const target = relative(root, resolve(root, dirname(file), specifier)).replaceAll('\\', '/');
  return [part, ...rule.project].some((it) => target === it || target.startsWith(`${it}/`)) || target.endsWith('.css');
}
