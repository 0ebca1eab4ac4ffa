import { infer } from '../../src/inference/infer.ts';
import { type Step, type Topology, walkSteps } from '../../src/model/topology.ts';
import type { Workspace } from '../../src/workspace.ts';

/** A workspace of texts. */
export function memoryWorkspace(files: Readonly<Record<string, string>>): Workspace {
  return {
    root: '/memory',
    list: async () => ({ files: Object.entries(files).map(([path, text]) => ({ path, bytes: text.length, modifiedMs: 0 })), problems: [] }),
    read: async (path) => (files[path] === undefined ? { problem: 'gone' } : { text: files[path] }),
  };
}

export const topologyOf = async (files: Readonly<Record<string, string>>): Promise<Topology> => (await infer(memoryWorkspace(files))).topology;

export const componentsOf = (it: Topology): string[] => it.components.map((c) => `${c.id} ${c.kind}${c.scope === 'runtime' ? '' : ` (${c.scope})`}`).sort();
export const callsOf = (it: Topology): string[] => it.calls.map((c) => `${c.from} ${c.kind} ${c.to}`).sort();

/** Steps of an endpoint as words, without CPU; `~` = nobody waits, `^` = on the held connection. */
export function stepsOf(it: Topology, endpoint: string): string[] {
  const found: string[] = [];
  walkSteps(it.endpoints.find((e) => e.id === endpoint)?.steps ?? [], (step, enclosing) => {
    if (step.kind === 'compute' && !/bcrypt|rendering/.test(step.label)) return;
    found.push([...enclosing.map(wordOf), wordOf(step)].join(' > '));
  });
  return found;
}

function wordOf(step: Step): string {
  if (step.kind === 'hold') return `hold ${step.released}${step.awaited === false ? '~' : ''}`;
  if (step.kind === 'loop') return step.concurrent ? 'each at once' : 'each';
  const label = 'label' in step ? step.label : step.kind;
  return `${label}${'awaited' in step && !step.awaited ? '~' : ''}${step.kind === 'query' && step.usesHeld ? '^' : ''}`;
}

/** A one-service workspace: `src/index.js` starts it, the rest as given. */
export const service = (dependencies: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'app', main: 'src/index.js', dependencies }),
  ...files,
});

/** One Express route, `GET /it`, around a body, with what stands before it. */
export const routeOf = (dependencies: Readonly<Record<string, string>>, before: string, body: string, files: Readonly<Record<string, string>> = {}): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^5.0.0', ...dependencies },
      {
        'src/index.js': `import express from 'express'; ${before}; const app = express(); app.get('/it', async (req, res) => { ${body} res.json({}); }); app.listen(3000);`,
        ...files,
      },
    ),
  );
