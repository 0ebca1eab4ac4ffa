import { isMap, isScalar, isSeq } from 'yaml';
import type { TextEdit } from '../model/edit.ts';
import { addTo, type Compose, type ComposeService, composeEdit, composeOf, serviceNamed } from './compose.ts';
import { cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';

/** Sets how many replicas of a service compose starts. Refuses what `up` could not start twice. */
export default {
  id: 'set-replicas',
  byHand: (args) => `run ${args.value} replicas of ${args.service} where it is deployed`,
  make: async (args, workspace) => {
    const file = textArg(args, 'compose');
    const name = textArg(args, 'service');
    const value = countArg(args, 'value');
    const text = await textOf(workspace, file);
    refuseSingles(serviceNamed(composeOf(file, text), file, name));
    const edit = composeEdit(file, text, [(it) => replicas(it, serviceNamed(it, file, name), value)]);
    return edit ? { edits: [edit] } : cannot(`${name} has ${value} replicas already`);
  },
} satisfies Recipe;

/** A name and a port of the host are there once. */
function refuseSingles({ name, map }: ComposeService): void {
  if (map.has('container_name')) cannot(`${name} has a container_name: a second one can't be started`);
  const ports = map.get('ports', true);
  const published = isSeq(ports) ? ports.items.map((it) => (isScalar(it) ? String(it.value) : isMap(it) ? `${String(it.get('published') ?? '')}:` : '')) : [];
  if (published.some((it) => /^([\d.]+:)?\d+:/.test(it))) cannot(`${name} publishes a port of the host: put a gateway before its replicas`);
}

function replicas(compose: Compose, service: ComposeService, value: number): TextEdit[] {
  const deploy = service.map.get('deploy', true);
  const written = isMap(deploy) ? deploy.get('replicas', true) : undefined;
  const now = written ?? service.map.get('scale', true);
  if (now === undefined) return addTo(compose, service, 'deploy', () => `replicas: ${value}`);
  if (!isScalar(now) || typeof now.value !== 'number' || !now.range) return cannot(`the replicas of ${service.name} are not written as a number`);
  return now.value === value ? [] : [{ start: now.range[0], end: now.range[1], newText: String(value) }];
}
