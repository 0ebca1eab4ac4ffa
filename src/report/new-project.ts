import type { Finding, Report } from '../model/advice.ts';
import { type Endpoint, type Topology, walkSteps } from '../model/topology.ts';
import { code, plain } from './markdown.ts';
import { oneLine, placeText } from './figures.ts';

/** A new project's own verdict, in a line for a message and as Markdown. */
export interface NewProject {
  headline: string;
  text: string;
}

/** Of the ways out the one to begin with: an edit before words. */
const first = ({ remedies }: Finding) => remedies.find((it) => it.preferred) ?? remedies.find((it) => it.edit !== null) ?? remedies[0];

const does = (endpoint: Endpoint, wanted: (kind: string, writes: boolean) => boolean): boolean => {
  let found = false;
  walkSteps(endpoint.steps, (it) => {
    found ||= wanted(it.kind, it.kind === 'query' && it.operation === 'write');
  });
  return found;
};

/** What a design with a queue and a pool promises, and this code does not do: no rule's business, because nothing is wrong with it as it stands. */
function gapsIn({ pools, channels, endpoints }: Topology): string[] {
  const sizes = pools.flatMap(({ id, max, library, multiplexed }) =>
    !multiplexed && max.state === 'known' && max.basis === 'libraryDefault'
      ? [
          `${id} has ${max.value} connections, which is the default of ${library}. What it needs is queries a second × seconds that each holds one: at ${max.value} connections and 10 ms that is ${max.value * 100} a second`,
        ]
      : [],
  );
  const direct = endpoints.filter(
    (it) => it.external && it.role === 'write' && it.trigger.kind === 'http' && does(it, (_kind, writes) => writes) && !does(it, (kind) => kind === 'publish'),
  );
  const routes = direct.flatMap(({ trigger }) => (trigger.kind === 'http' ? [`${trigger.method} ${trigger.path}`] : []));
  const inline =
    channels.length > 0 && routes.length > 0
      ? [
          `${routes.join(', ')} write${routes.length === 1 ? 's' : ''} to the database before the answer: nothing on that path enqueues. In the topology, drop a queue onto the arrow to the database and choose “Apply to code…”`,
        ]
      : [];
  return [...sizes, ...inline];
}

/**
 * What is to be said of a project that was just made: the verdict as for any other code, and the edits that it still needs.
 * `left`: what the generator could not be asked for.
 */
export function newProjectOf(report: Report, name: string, left: readonly string[]): NewProject {
  const { advice, scenario } = report;
  const steps = advice.findings.flatMap((finding) => {
    const remedy = first(finding);
    return remedy ? [{ finding, remedy }] : [];
  });
  const lines = [`# ${plain(name)}: ${plain(advice.headline)}`, '', plain(advice.explanation), ''];
  lines.push(`Judged at ${Math.round(scenario.targetPerSecond)} requests a second, as it was generated. Nothing of it is measured yet.`, '');
  if (steps.length > 0) lines.push('## Edits that it needs', '');
  steps.forEach(({ finding, remedy }, index) => {
    lines.push(`${index + 1}. **${plain(remedy.title)}** (${finding.rule}, ${code(placeText(finding.place))})  `, `   ${plain(finding.message)}`);
    lines.push(remedy.edit ? '   Open the project: the light bulb at that line makes the edit.' : `   ${plain(remedy.guidance ?? 'By hand.')}`);
  });
  const gaps = gapsIn(report.topology);
  if (gaps.length > 0) lines.push('', '## Where it falls short of its design', '', ...gaps.map((it) => `- ${plain(it)}`));
  if (left.length > 0) lines.push('', '## Not made by the generator', '', ...left.map((it) => `- ${plain(it)}`));
  return { headline: oneLine(advice.headline), text: `${lines.join('\n')}\n` };
}
