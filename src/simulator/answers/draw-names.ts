import { type InputId, inputId } from '../../model/inputs.ts';
import { type Component, type Endpoint, innerSteps, type Step, type Topology } from '../../model/topology.ts';

/**
 * Names for the draws of inputs that stay the same from one commit to the next, so that two answers about one system pair up draw by draw: an input keeps its draws when components,
 * routes or lines come before it. What somebody calls a component must not move a draw either, so it goes by what it is and by the files that tell of it; loops and branches go by their
 * file and by what they do first. Of several that are alike the order counts: one more among them moves those behind it.
 */
export function drawNames(topology: Topology): (id: InputId) => string {
  const components = new Map(componentNames(topology.components));
  const words = [...components.keys()].sort((a, b) => b.length - a.length).map((it) => it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = words.length === 0 ? undefined : new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'g');
  const nameless = (text: string): string => (pattern ? text.replace(pattern, (name) => components.get(name) as string) : text);
  const course = new Map(courseNames(topology, nameless));
  const shares = new Map(topology.endpoints.map((it) => [inputId.share(it.id), shareName(it, components)]));
  return (id) => {
    const share = shares.get(id);
    if (share !== undefined) return share;
    const [, word, place] = /^(times|probability) (.*)$/s.exec(id) ?? [];
    // The rest of such an id is a path: no component's name is looked for in it.
    return place === undefined ? nameless(id) : `${word} ${course.get(place) ?? place}`;
  };
}

/** An endpoint's path is its own: no component's name is looked for in it. */
const shareName = ({ id, component }: Endpoint, components: ReadonlyMap<string, string>): string =>
  `share ${id.startsWith(component) ? `${components.get(component)}${id.slice(component.length)}` : id}`;

const counted = (found: readonly (readonly [id: string, what: string])[]): [string, string][] => {
  const seen = new Map<string, number>();
  return found.map(([id, what]) => {
    const before = seen.get(what) ?? 0;
    seen.set(what, before + 1);
    return [id, `<${what} ${before}>`];
  });
};

const componentNames = (components: readonly Component[]): [string, string][] =>
  counted(components.map((it) => [it.id, `${it.kind} ${it.engine ?? ''} ${[...new Set(it.places.map((place) => withoutEnding(place.file)))].sort().join(' ')}`]));

function courseNames(topology: Topology, nameless: (text: string) => string): [string, string][] {
  const found = new Map<string, { file: string; line: number; does: string }>();
  const walk = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.kind === 'loop' || step.kind === 'branch') {
        const { file, line } = step.place;
        const id = `${file}:${line}`;
        if (!found.has(id)) found.set(id, { file, line, does: `${step.kind} ${nameless(firstOf([step]))}` });
      }
      for (const inner of innerSteps(step)) walk(inner);
    }
  };
  for (const it of topology.endpoints) walk(it.steps);
  const inOrder = [...found].sort(([, a], [, b]) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  return counted(inOrder.map(([id, { file, does }]) => [id, `${withoutEnding(file)} ${does}`]));
}

/** The first thing done that is no loop, branch or other frame. */
function firstOf(steps: readonly Step[]): string {
  for (const step of steps) {
    const inner = innerSteps(step);
    const isFrame = inner.length > 0 && step.kind !== 'cache';
    const first = isFrame ? inner.map(firstOf).find((it) => it !== '') : `${step.kind} ${'label' in step ? step.label : ''}`;
    if (first) return first;
  }
  return '';
}

/** The same program in another language has the same draws. */
const withoutEnding = (file: string): string => file.replace(/\.[cm]?[jt]sx?$/, '');
