import DOMPurify from 'dompurify';
import mermaid from 'mermaid';
import { describe, expect, it } from 'vitest';
import { layout, mermaidOf, svgOf } from '../../src/diagram/index.ts';
import { call, component, endpoint, outcome, station, topology } from './sample.ts';

// Mermaid's own grammar runs in Node; only its HTML cleaner wants a DOM, and it has no part in whether the text parses.
Object.assign(DOMPurify, { addHook: () => undefined, sanitize: (it: string) => it });

const HOSTILE = [
  'end',
  'a"b',
  '"]; click n0 "javascript:alert(1)',
  '<script>alert(1)</script>',
  '%%{init:{}}%%',
  'subgraph x',
  'weiß-ähm 数据库',
  'a\nb\u2028c',
  '`md`',
  '#35;',
  '',
];

describe('mermaidOf', () => {
  it.each(HOSTILE)('a name %j stays text', async (name) => {
    const text = mermaidOf(
      topology({ components: [component('a', 'service', { name, technology: name }), component('b', 'database', { name })], calls: [call('a', 'b', 'query')] }),
    );
    expect(await mermaid.parse(text)).toMatchObject({ diagramType: expect.stringContaining('flowchart') });
    expect(text).not.toMatch(/<script|click n0 "javascript|%%\{/);
    expect(text.split('\n').filter((it) => /^ {4}n\d/.test(it))).toHaveLength(2);
  });

  it('says utilisation and where it breaks', () => {
    const text = mermaidOf(
      topology({ components: [component('api', 'service'), component('db', 'database')], calls: [call('api', 'db', 'query')], endpoints: [endpoint('api')] }),
      outcome({ bindingComponent: 'db', stations: [station({ component: 'api', utilisation: 0.42 }), station({ component: 'db', utilisation: 3.1, kind: 'store', label: 'db' })] }),
    );
    expect(text).toContain('ok 42% · event loop of api');
    expect(text).toContain('failing #62;300% · db<br/>breaks at 310 req/s (300#8211;320)');
    expect(text).toContain('%% breaks at 310 req/s (300–320); target 1,000/s: fails');
  });

  it('draws asynchronous edges dashed', () => {
    const text = mermaidOf(topology({ components: [component('a', 'service'), component('q', 'queue')], calls: [call('a', 'q', 'publish')] }));
    expect(text).toMatch(/n0 -\.->\|"publish"\| n1/);
  });
});

describe('svgOf', () => {
  it.each(HOSTILE)('a name %j stays text', (name) => {
    const it = topology({ components: [component('a', 'service', { name })] });
    const svg = svgOf(it, null, layout(it));
    expect(svg).not.toContain('<script');
    expect(svg.match(/<g transform/g)).toHaveLength(2);
    expect(svg).not.toMatch(/&(?!#\d+;)/);
  });
});
