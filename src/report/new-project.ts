import type { Finding, Remedy, Report } from '../model/advice.ts';
import { code, plain } from './markdown.ts';
import { exact } from '../model/amounts.ts';
import { oneLine, placeText } from './figures.ts';

/** A new project's own verdict, in a line for a message and as Markdown. */
export interface NewProject {
  headline: string;
  text: string;
}

/** Where no edit can be made: what to do instead. */
const byHand = ({ edit, guidance }: Remedy): string => (edit ? '' : `. ${plain(guidance ?? 'By hand.')}`);

/** Of the ways out the one to begin with: an edit before words. */
const first = ({ remedies }: Finding) => remedies.find((it) => it.preferred) ?? remedies.find((it) => it.edit !== null) ?? remedies[0];

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
  const { followUps = [] } = advice;
  const lines = [`# ${plain(name)}: ${plain(advice.headline)}`, '', plain(advice.explanation), ''];
  lines.push(`Judged at ${exact(scenario.targetPerSecond)} requests a second, as it was generated. Nothing of it is measured yet.`, '');
  if (followUps.length + steps.length > 0) lines.push('Open the project: its panel offers these edits under Advice, and the light bulb those of the findings at their line.', '');
  if (followUps.length > 0) lines.push('## Where it falls short of its design', '');
  followUps.forEach(({ message, place, remedies }, index) => {
    lines.push(`${index + 1}. ${plain(message)} (${code(placeText(place))})`, '', ...remedies.map((it) => `   - **${plain(it.title)}**${byHand(it)}`), '');
  });
  if (steps.length > 0) lines.push('## Findings', '');
  steps.forEach(({ finding, remedy }, index) => {
    lines.push(`${index + 1}. ${plain(finding.message)} (${finding.rule}, ${code(placeText(finding.place))})`, '', `   - **${plain(remedy.title)}**${byHand(remedy)}`, '');
  });
  if (left.length > 0) lines.push('## Not made by the generator', '', ...left.map((it) => `- ${plain(it)}`));
  return { headline: oneLine(advice.headline), text: `${lines.join('\n')}\n` };
}
