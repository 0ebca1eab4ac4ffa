/** `npm run gate`: what each rule's first remedy does under its strain, system by system, as a table. */
import { RULES } from '../../../src/rules/index.ts';
import { type Metric, prove } from './gate.ts';
import { gates } from './gates.ts';

const digits = (value: number): string => (Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));
const wanted = ({ goes, to }: Metric): string => `${goes === 'up' ? '↑' : goes === 'down' ? '↓' : ''}${to === undefined ? '' : ` to ${to}`}`;

console.log(`# First remedies under their strains

Written by \`npm run gate\`; \`gate.test.ts\` demands of each row with an arrow that the paired gain is larger than the half width of its 95% interval (four rounds of the same luck), and that it gets to
where a figure stands.

| rule | under | system | remedy | must | before | after | paired gain |
| --- | --- | --- | --- | --- | --- | --- | --- |`);
for (const [id, gate] of await gates()) {
  const number = RULES.find((it) => it.id === id)?.number;
  for (const proof of gate.proofs) {
    const { title, rows } = await prove(id, gate, proof);
    const does = title.split(/: | · /)[0];
    for (const { metric, before, after, gain, spread } of rows)
      console.log(
        `| ${[`${number} ${id}`, gate.strain.under, proof.says, does, `${metric.says} ${wanted(metric)}`.trim(), digits(before), digits(after), metric.goes === 'shown' ? '' : `${digits(gain)} ± ${digits(spread)}`].join(' | ')} |`,
      );
  }
}
