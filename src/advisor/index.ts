import type { Advice, Finding, LayerCount, ReadinessItem, Remedy } from '../model/advice.ts';
import type { Change } from '../model/change.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import type { Evidence, Layer, Rule, Weakness } from '../model/weakness.ts';
import { RULES } from '../rules/index.ts';
import { assess, playJobOutage, playSpike } from '../simulator/index.ts';
import { type Measured, measure, type Simulator } from './effect.ts';
import { capWarnings, causeOf, mergeCauses, mergeTwins } from './merge.ts';
import { foldedWords, headline, messageOf, priceOf, sharedWords, suppressionWords, titleOf } from './phrase.ts';
import { withPreferred } from './preferred.ts';
import { provesLittle, severityOf, worthOf } from './severity.ts';
import { subjectOf } from './subject.ts';
import { sift } from './suppress.ts';
import { withAlternatives } from './together.ts';

const LAYERS: readonly Layer[] = ['data', 'cache', 'async', 'infrastructure', 'observability', 'security'];

/**
 * What to say about an outcome: the headline, the findings worth a line, and remedies whose effect was simulated. `outcome` must be the scenario's own.
 * `meanwhile` is called before each of them and on the way; what it throws ends the advice.
 */
export function advise(topology: Topology, scenario: Scenario, outcome: Outcome, meanwhile: () => void = () => {}): Advice {
  const simulator: Simulator = {
    assess: (it, under, options) => {
      meanwhile();
      return assess(it, under, { ...options, meanwhile });
    },
    playSpike: (...asked) => {
      meanwhile();
      return playSpike(...asked);
    },
    playJobOutage: (...asked) => {
      meanwhile();
      return playJobOutage(...asked);
    },
  };
  return adviseWith(simulator, RULES, topology, scenario, outcome);
}

/** The same with a catalogue and a simulator of the caller's choice. */
export function adviseWith(simulator: Simulator, rules: readonly Rule[], topology: Topology, scenario: Scenario, outcome: Outcome): Advice {
  const evidence: Evidence = { topology, scenario, outcome };
  const verdicts: Verdicts = new WeakMap();
  const found = rules.map((rule) => ({ rule, weaknesses: rule.find(evidence) }));
  const weak = found.flatMap((it) => it.weaknesses.filter((w) => w.state === 'weak'));
  const { kept: open, idle } = sift(topology, weak);
  const lists = new Map(found.flatMap(({ rule }) => (rule.readiness ? [[rule.id, rule.layer] as const] : [])));
  const kept = open.filter((it) => !lists.has(it.rule));
  const readiness = open.flatMap((it): ReadinessItem[] => {
    const layer = lists.get(it.rule);
    return layer ? [readinessOf(layer, judged(simulator, evidence, it, verdicts).finding)] : [];
  });
  const findings = kept
    .map((it) => ({ ...judged(simulator, evidence, it, verdicts), cause: causeOf(topology, outcome, it) }))
    .sort((a, b) => a.worth[0] - b.worth[0] || step(b.worth[1]) - step(a.worth[1]));
  const nameOf = (id: string): string => topology.components.find((it) => it.id === id)?.name ?? id;
  const merged = mergeCauses(mergeTwins(findings, (clients) => sharedWords(clients.map(nameOf)))).map(withPreferred);
  const shown = withVerdicts(withAlternatives(simulator, evidence, capWarnings(merged, foldedWords)), verdicts);
  const reported = idle.map(
    ({ suppression, why }): Finding => ({
      id: `unused-suppression ${suppression.place.file}:${suppression.place.line} ${suppression.rule}`,
      rule: 'unused-suppression',
      severity: 'hint',
      place: suppression.place,
      component: '',
      message: suppressionWords(suppression.rule, why),
      subject: suppression.rule,
      related: [],
      remedies: [],
      folded: [],
    }),
  );
  return {
    ...headline(topology, scenario, outcome),
    findings: [...shown, ...reported],
    layers: layersOf(found),
    ...(readiness.length > 0 && { readiness }),
  };
}

const readinessOf = (layer: Layer, { rule, place, component, message, remedies }: Finding): ReadinessItem => ({ layer, rule, place, component, message, remedies });

/** What a remedy makes of the verdict, by its change. */
type Verdicts = WeakMap<Change, Measured['verdictAfter']>;

/** The verdict with each remedy: of what is shown, for of the rest nobody sees it. */
const withVerdicts = (findings: readonly Finding[], verdicts: Verdicts): Finding[] =>
  findings.map((it) => ({ ...it, remedies: it.remedies.map((remedy) => ({ ...remedy, verdictAfter: (remedy.change && verdicts.get(remedy.change)?.()) ?? null })) }));

function judged(simulator: Simulator, evidence: Evidence, weakness: Weakness, verdicts: Verdicts): { finding: Finding; worth: ReturnType<typeof worthOf> } {
  const measured = weakness.remedies.map((idea) => ({ idea, shown: measure(simulator, evidence, weakness, idea) })).filter((it) => it.shown.helps);
  const ranked = measured.sort((a, b) => a.idea.effort - b.idea.effort || step(b.shown.gain) - step(a.shown.gain));
  for (const { idea, shown } of ranked) if (idea.change) verdicts.set(idea.change, shown.verdictAfter);
  const gains = ranked.map((it) => it.shown.gain);
  const told = severityOf(weakness, evidence);
  const severity = told === 'warning' && provesLittle(weakness, gains) ? 'information' : told;
  // Nothing that is proposed is seen to help this system: worth knowing, no more.
  const isIdle = severity === 'information' && weakness.remedies.length > 0 && ranked.every((it) => it.shown.effect.kind === 'unplayed');
  const finding: Finding = {
    id: `${weakness.rule} ${weakness.component} ${weakness.place.file}:${weakness.place.line}`,
    rule: weakness.rule,
    severity: isIdle ? 'hint' : severity,
    place: weakness.place,
    component: weakness.component,
    message: messageOf(weakness, evidence),
    subject: subjectOf(weakness),
    related: weakness.related.map(({ place, says }) => ({ place, message: says })),
    remedies: ranked.map(
      ({ idea, shown }): Remedy => ({
        id: `${weakness.rule}/${idea.id}`,
        title: titleOf(idea, shown.effect),
        change: idea.change,
        edit: idea.edit,
        breaksAtBefore: shown.breaksAtBefore,
        breaksAtAfter: shown.breaksAtAfter,
        verdictAfter: null,
        price: priceOf(idea, shown.effect),
        effort: idea.effort,
        preferred: false,
        ...(idea.guidance !== undefined && { guidance: idea.guidance }),
      }),
    ),
    folded: [],
  };
  return { finding, worth: worthOf(weakness, evidence, gains) };
}

/** Gains closer than a twentieth are no order: the rule's own order stays. */
const step = (gain: number): number => Math.round(gain * 20);

function layersOf(found: readonly { rule: Rule; weaknesses: readonly Weakness[] }[]): LayerCount[] {
  return LAYERS.map((layer) => ({
    layer,
    rules: found
      .filter((it) => it.rule.layer === layer)
      .map(({ rule, weaknesses }) => {
        const count = (state: Weakness['state']) => weaknesses.filter((it) => it.state === state).length;
        return { rule: rule.id, title: rule.title, weak: count('weak'), sound: count('sound'), unknown: count('unknown') };
      }),
  }));
}
