#!/usr/bin/env node
// Scores inferred topologies against hand-labelled ones.
//   node score.mjs LABEL.json PREDICTED.json [LABEL PREDICTED ...] [--json] [--misses]
// PREDICTED holds { components: [{ id, name?, kind, technology?, aliases? }], calls: [{ from, to, kind }] },
// at the top or under "topology". Kinds use the labels' words:
//   gateway service worker frontend scheduler | database cache queue topic search object-store | external-api observability
//   http grpc tcp ws query cache publish consume smtp
// Labels have a scope: recall and precision count "runtime" ones; predicting an "optional" or "dev" one counts neither way.
// A node matches by name or alias first, then (shared infrastructure and external APIs) by technology within its family of kinds.
// An edge matches when both ends match; its kind is reported apart. Telemetry edges count neither way.
import { readFileSync } from 'node:fs';

const FAMILY = {
  gateway: 'process',
  service: 'process',
  worker: 'process',
  frontend: 'process',
  scheduler: 'process',
  database: 'store',
  cache: 'store',
  queue: 'store',
  topic: 'store',
  search: 'store',
  'object-store': 'store',
  'external-api': 'outside',
  observability: 'outside',
};
const TECHNOLOGIES = [
  'postgres',
  'mysql',
  'mariadb',
  'mongo',
  'redis',
  'valkey',
  'memcached',
  'kafka',
  'rabbit',
  'nats',
  'elasticsearch',
  'opensearch',
  'meilisearch',
  'clickhouse',
  'sqlite',
  's3',
  'minio',
  'dynamo',
  'cassandra',
  'neo4j',
  'smtp',
  'sendgrid',
  'mailgun',
  'stripe',
  'sentry',
  'prometheus',
  'grafana',
  'jaeger',
  'otel',
  'opentelemetry',
  'datadog',
  'posthog',
  'segment',
  'slack',
  'github',
  'gitlab',
  'google',
  'openai',
  'anthropic',
  'nginx',
  'traefik',
  'kong',
  'envoy',
  'zipkin',
  'loki',
  'firebase',
  'twilio',
  'sqs',
  'sns',
  'consul',
  'etcd',
  'typesense',
  'algolia',
];
const SAME = {
  postgresql: 'postgres',
  valkey: 'redis',
  mongoose: 'mongo',
  mongodb: 'mongo',
  rabbitmq: 'rabbit',
  amqp: 'rabbit',
  ioredis: 'redis',
  nodemailer: 'smtp',
  opentelemetry: 'otel',
  minio: 's3',
  mail: 'smtp',
};
const norm = (s) =>
  String(s ?? '')
    .toLowerCase()
    .replace(/^@[^/]+\//, '')
    .replace(/[^a-z0-9]+/g, '');
const names = (n) => new Set([n.id, n.name, ...(n.aliases ?? [])].map(norm).filter(Boolean));
const tech = (n) => {
  const text = `${n.technology ?? ''} ${n.id ?? ''} ${n.name ?? ''}`.toLowerCase();
  const found = new Set();
  for (const [word, is] of Object.entries(SAME)) if (text.includes(word)) found.add(is);
  for (const word of TECHNOLOGIES) if (text.includes(word)) found.add(SAME[word] ?? word);
  return found;
};
const meet = (a, b) => [...a].some((x) => b.has(x));

const MS = { ms: 1, s: 1000, sec: 1000, seconds: 1000, min: 60_000, minute: 60_000, minutes: 60_000, h: 3.6e6, hours: 3.6e6, d: 8.64e7, days: 8.64e7 };
const scaled = (value, unit) => Number(value) * (MS[unit] ?? 1);

/** Facts with a number: found = same type and value, at the labelled place (same file, within 5 lines) or, for defaults, the same subject's words. */
export function scoreFacts(label, predicted) {
  const topology = predicted.topology ?? predicted;
  const facts = [...(topology.facts ?? [])];
  const wanted = (label.facts ?? []).filter((f) => f.number !== undefined);
  const places = (f) => [f.evidence, ...(f.more_evidence ?? [])].filter(Boolean).map((p) => [p.slice(0, p.lastIndexOf(':')), Number(p.slice(p.lastIndexOf(':') + 1))]);
  const near = (f, p) => p && places(f).some(([file, line]) => p.file === file && Math.abs(p.line - line) <= 5);
  const missed = [],
    wrong = [];
  for (const f of wanted) {
    const same = facts.filter((g) => g.type === f.type);
    const equal = same.filter((g) => Math.abs(scaled(g.value, g.unit) - scaled(f.number, f.unit)) < 1e-9);
    const words = norm(f.subject);
    if (equal.some((g) => near(f, g.place) || (!f.explicit && [...words.matchAll(/[a-z0-9]{2,}/g)].some(() => norm(g.subject).includes(words) || words.includes(norm(g.subject))))))
      continue;
    const other = same.find((g) => near(f, g.place));
    (other ? wrong : missed).push(`${f.type} ${f.subject}: ${f.value ?? f.number} (${f.evidence ?? 'default'})${other ? `, got ${other.value} ${other.unit ?? ''}` : ''}`);
  }
  return { factRecall: wanted.length ? (wanted.length - missed.length - wrong.length) / wanted.length : 1, factsWanted: wanted.length, missedFacts: missed, wrongFacts: wrong };
}

/** Weaknesses of high severity that one of the rules is about: found = the same rule at a labelled place, or within 3 lines of it. */
export function scoreWeaknesses(label, found, rules) {
  const wanted = (label.weaknesses ?? []).filter((w) => w.severity === 'high' && rules.includes(w.rule));
  const isAt = (w, it) =>
    [w.evidence, ...(w.more_evidence ?? [])].some((p) => it.file === p.slice(0, p.lastIndexOf(':')) && Math.abs(it.line - Number(p.slice(p.lastIndexOf(':') + 1))) <= 3);
  const missed = wanted.filter((w) => !found.some((it) => it.rule === w.rule && isAt(w, it)));
  return {
    weaknessesWanted: wanted.length,
    weaknessesFound: wanted.length - missed.length,
    missedWeaknesses: missed.map((w) => {
      const elsewhere = found.filter((it) => it.rule === w.rule).map((it) => `${it.file}:${it.line}`);
      return `${w.rule} ${w.evidence}${elsewhere.length > 0 ? ` (found at ${elsewhere.slice(0, 3).join(', ')})` : ''}`;
    }),
  };
}

export function score(label, predicted) {
  const topology = predicted.topology ?? predicted;
  const components = topology.components ?? topology.nodes ?? [];
  const calls = topology.calls ?? topology.edges ?? [];
  const matched = new Map(); // predicted id -> label node
  const taken = new Set();
  const pair = (p, n) => {
    matched.set(p.id, n);
    taken.add(n.id);
  };
  for (const exactKind of [true, false]) {
    for (const n of label.nodes) {
      if (taken.has(n.id)) continue;
      const p = components.find((c) => !matched.has(c.id) && meet(names(c), names(n)) && (exactKind ? c.kind === n.kind : FAMILY[c.kind] === FAMILY[n.kind]));
      if (p) pair(p, n);
    }
  }
  // A queue or topic drawn as a component of its own stands for its broker.
  const channels = new Map((label.channels ?? []).map((c) => [norm(c.name), c.broker]));
  for (const c of components) {
    const broker = [...names(c)].map((x) => channels.get(x)).find(Boolean);
    const n = broker && !matched.has(c.id) && label.nodes.find((x) => x.id === broker);
    if (n) matched.set(c.id, n);
  }
  for (const n of label.nodes) {
    if (taken.has(n.id) || (FAMILY[n.kind] === 'process' && n.kind !== 'gateway')) continue;
    const wanted = tech(n);
    const p = components.find((c) => !matched.has(c.id) && meet(tech(c), wanted) && (FAMILY[c.kind] === FAMILY[n.kind] || c.kind === n.kind));
    if (p) pair(p, n);
  }
  // What the label says may be drawn as part of another is no miss, and stands for that other in edges.
  const merged = new Map();
  for (const n of label.nodes) {
    const into = [n.mergeable_into, ...(n.mergeable_with ?? [])].find((id) => id && taken.has(id));
    if (!taken.has(n.id) && into) merged.set(n.id, into);
  }
  const runtime = label.nodes.filter((n) => (n.scope ?? 'runtime') === 'runtime' && !merged.has(n.id));
  const hits = new Set([...matched.values()].filter((n) => (n.scope ?? 'runtime') === 'runtime'));
  const wrong = components.filter((c) => !matched.has(c.id));
  const kindRight = [...matched].filter(([id, n]) => [n.kind, n.alt_kind].includes(components.find((c) => c.id === id).kind)).length;

  const key = (from, to) => `${from} -> ${to}`;
  const as = (id) => merged.get(id) ?? id;
  const labelled = new Map();
  for (const e of label.edges) {
    const at = key(as(e.from), as(e.to)),
      kinds = labelled.get(at)?.kinds ?? new Set();
    labelled.set(at, { from: as(e.from), to: as(e.to), kinds: kinds.add(e.kind) });
  }
  const wantedEdges = new Set(label.edges.filter((e) => (e.scope ?? 'runtime') === 'runtime' && !e.telemetry && as(e.from) !== as(e.to)).map((e) => key(as(e.from), as(e.to))));
  const seen = new Set(),
    falseEdges = [];
  let edgeKindRight = 0;
  for (const call of calls) {
    const from = matched.get(call.from),
      to = matched.get(call.to);
    if (!from || !to) {
      if (!from && !to) continue;
      falseEdges.push(key(call.from, call.to));
      continue;
    }
    if (from.id === to.id) continue;
    const k = key(from.id, to.id),
      back = key(to.id, from.id);
    const found = labelled.get(k) ?? (call.kind === 'consume' || labelled.get(back)?.kinds.has('consume') ? labelled.get(back) : undefined);
    if (!found) {
      falseEdges.push(k);
      continue;
    }
    const fk = key(found.from, found.to);
    if (!seen.has(fk) && found.kinds.has(call.kind)) edgeKindRight += 1;
    seen.add(fk);
  }
  const edgeHits = [...seen].filter((k) => wantedEdges.has(k));
  const ratio = (a, b) => (b === 0 ? 1 : a / b);
  const f1 = (p, r) => (p + r === 0 ? 0 : (2 * p * r) / (p + r));
  const nodePrecision = ratio(hits.size, hits.size + wrong.length),
    nodeRecall = ratio(hits.size, runtime.length);
  const edgePrecision = ratio(edgeHits.length, edgeHits.length + new Set(falseEdges).size),
    edgeRecall = ratio(edgeHits.length, wantedEdges.size);
  return {
    name: label.name,
    nodePrecision,
    nodeRecall,
    nodeF1: f1(nodePrecision, nodeRecall),
    kindAccuracy: ratio(kindRight, matched.size),
    edgePrecision,
    edgeRecall,
    edgeF1: f1(edgePrecision, edgeRecall),
    edgeKindAccuracy: ratio(edgeKindRight, seen.size),
    missedNodes: runtime.filter((n) => !hits.has(n)).map((n) => `${n.kind} ${n.id} (${n.evidence})`),
    wrongNodes: wrong.map((c) => `${c.kind} ${c.id}`),
    missedEdges: [...wantedEdges].filter((k) => !seen.has(k)),
    wrongEdges: [...new Set(falseEdges)],
  };
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').pop())) {
  const files = process.argv.slice(2).filter((a) => !a.startsWith('--'));
  const read = (f) => JSON.parse(readFileSync(f, 'utf8'));
  const rows = [];
  for (let i = 0; i + 1 < files.length; i += 2) rows.push({ ...score(read(files[i]), read(files[i + 1])), ...scoreFacts(read(files[i]), read(files[i + 1])) });
  if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 1));
  else {
    const pct = (x) => (100 * x).toFixed(0).padStart(4);
    console.log('repository'.padEnd(28), 'node P  R  F1', ' kind', ' edge P  R  F1', ' kind');
    for (const r of rows) {
      console.log(
        r.name.padEnd(28),
        pct(r.nodePrecision),
        pct(r.nodeRecall),
        pct(r.nodeF1),
        pct(r.kindAccuracy),
        ' ',
        pct(r.edgePrecision),
        pct(r.edgeRecall),
        pct(r.edgeF1),
        pct(r.edgeKindAccuracy),
        '  facts',
        pct(r.factRecall),
        `of ${r.factsWanted}`,
      );
      if (process.argv.includes('--misses'))
        for (const k of ['missedNodes', 'wrongNodes', 'missedEdges', 'wrongEdges', 'missedFacts', 'wrongFacts']) if (r[k].length) console.log(`    ${k}: ${r[k].join(', ')}`);
    }
    const mean = (k) => rows.reduce((s, r) => s + r[k], 0) / rows.length;
    if (rows.length > 1)
      console.log(
        'mean'.padEnd(28),
        pct(mean('nodePrecision')),
        pct(mean('nodeRecall')),
        pct(mean('nodeF1')),
        pct(mean('kindAccuracy')),
        ' ',
        pct(mean('edgePrecision')),
        pct(mean('edgeRecall')),
        pct(mean('edgeF1')),
        pct(mean('edgeKindAccuracy')),
      );
  }
}
