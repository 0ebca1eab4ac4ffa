import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { compile, validateNetwork } from '../../src/simulator/index.ts';
import { at } from '../simulator/topologies.ts';
import { callsOf, topologyOf } from './memory-workspace.ts';

/** A gateway from an image before two services whose code lies here. */
const behind = (image: string, files: Record<string, string>, labels: Record<string, string[]> = {}): Promise<Topology> => {
  const labelsOf = (name: string): string => (labels[name] ? `\n    labels:\n${labels[name].map((it) => `      - "${it}"`).join('\n')}` : '');
  const part = (name: string): Record<string, string> => ({
    [`${name}/Dockerfile`]: 'FROM node:22\nCMD ["node", "index.js"]\n',
    [`${name}/package.json`]: JSON.stringify({ name, dependencies: { express: '^5.0.0' } }),
    [`${name}/index.js`]: `const express = require('express'); const app = express(); app.get('/${name}', (req, res) => res.json({})); app.listen(3000);`,
  });
  return topologyOf({
    'docker-compose.yml': `services:\n  edge:\n    image: ${image}\n    ports: ["80:80"]${labelsOf('edge')}\n  api:\n    build: api${labelsOf('api')}\n  web:\n    build: web${labelsOf('web')}\n`,
    ...part('api'),
    ...part('web'),
    ...files,
  });
};
const limitsOf = (it: Topology): unknown[] =>
  it.rateLimiters.map((one) => [
    one.algorithm,
    one.key,
    one.limit.state === 'known' && one.limit.value,
    one.windowMs.state === 'known' && one.windowMs.value,
    one.burst?.state === 'known' ? one.burst.value : undefined,
    one.passesTo ?? 'all',
  ]);
const bulkheads = (it: Topology): unknown[] => it.facts.filter((one) => one.type === 'bulkhead').map((one) => [one.subject, one.value, `${one.place?.file}:${one.place?.line}`]);

describe('nginx', () => {
  const nginx = (http: string, server: string) => behind('nginx:1.29', { 'nginx.conf': `events {}\nhttp {\n${http}\nserver {\n  listen 80;\n${server}\n}\n}\n` });
  // https://nginx.org/en/docs/http/ngx_http_limit_req_module.html, https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html
  it.each<[string, string, string, unknown[]]>([
    [
      'one zone for all',
      'limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;',
      '  limit_req zone=one burst=5;\n  location / { proxy_pass http://api:3000; }',
      [['leakyBucket', 'perClient', 10, 1000, 5, 'all']],
    ],
    [
      'a zone for the whole server, by the minute, at one location only',
      'limit_req_zone $server_name zone=all:10m rate=120r/m;',
      '  location / { proxy_pass http://web:3000; }\n  location /api/ {\n    limit_req zone=all nodelay;\n    proxy_pass http://api:3000;\n  }',
      [['leakyBucket', 'global', 2, 1000, 0, 'api']],
    ],
    [
      'two zones',
      'limit_req_zone $binary_remote_addr zone=ip:10m rate=1r/s;\nlimit_req_zone $server_name zone=server:10m rate=10r/s;',
      '  limit_req zone=ip burst=5 nodelay;\n  limit_req zone=server burst=10;\n  location / { proxy_pass http://api:3000; }',
      [
        ['leakyBucket', 'perClient', 1, 1000, 5, 'all'],
        ['leakyBucket', 'global', 10, 1000, 10, 'all'],
      ],
    ],
    ['a zone that nobody asks', 'limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;', '  location / { proxy_pass http://api:3000; }', []],
    ['a zone in a comment', 'limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;', '  # limit_req zone=one;\n  location / { proxy_pass http://api:3000; }', []],
  ])('%s', async (_name, http, server, expected) => expect(limitsOf(await nginx(http, server))).toEqual(expected));

  it('connections at once are a fact', async () => {
    const topology = await nginx('limit_conn_zone $binary_remote_addr zone=addr:10m;', '  location /download/ {\n    limit_conn addr 3;\n    proxy_pass http://api:3000;\n  }');
    expect(limitsOf(topology)).toEqual([]);
    expect(bulkheads(topology)).toEqual([['edge->api', 3, 'nginx.conf:7']]);
    expect(callsOf(topology)).toEqual(['edge http api']);
  });
});

describe('traefik', () => {
  // https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/ratelimit/
  const file = `http:\n  routers:\n    api:\n      rule: "PathPrefix(\`/api\`)"\n      service: api\n      middlewares: [limit, busy@file]\n    web:\n      rule: "PathPrefix(\`/\`)"\n      service: web@file\n  services:\n    api:\n      loadBalancer:\n        servers:\n          - url: "http://api:3000"\n    web:\n      loadBalancer:\n        servers:\n          - url: "http://web:3000/"\n  middlewares:\n    limit:\n      rateLimit:\n        average: 100\n        period: 1m\n        burst: 50\n    busy:\n      inFlightReq:\n        amount: 10\n    unused:\n      rateLimit:\n        average: 1\n`;
  it('a file: servers, and limits of the routers that name them', async () => {
    const topology = await behind('traefik:v3', { 'traefik/dynamic.yml': file });
    expect(callsOf(topology)).toEqual(['edge http api', 'edge http web']);
    expect(limitsOf(topology)).toEqual([['tokenBucket', 'perClient', 100, 60_000, 50, 'api']]);
    expect(topology.rateLimiters[0]?.place).toMatchObject({ file: 'traefik/dynamic.yml', line: 22 });
    expect(bulkheads(topology)).toEqual([['edge->api', 10, 'traefik/dynamic.yml:27']]);
  });

  // https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/file/
  it('the same in TOML', async () => {
    const toml = `# routes\n[http.routers]\n  [http.routers.api]\n    rule = "PathPrefix(\`/api\`)" # not "all"\n    service = "api"\n    middlewares = [\n      "limit",\n      "busy@file",\n    ]\n  [http.routers.web]\n    service = 'web@file'\n\n[[http.services.api.loadBalancer.servers]]\n  url = "http://api:3000"\n[http.services.web.loadBalancer]\n  servers = [{ url = "http://web:3000/" }]\n\n[http.middlewares.limit.rateLimit]\n  average = 1_00\n  period = "1m"\n  burst = 50\n[http.middlewares]\n  busy.inFlightReq.amount = 10\n  unused = { rateLimit = { average = 1 } }\n`;
    const topology = await behind('traefik:v3', { 'traefik/dynamic.toml': toml });
    expect(callsOf(topology)).toEqual(['edge http api', 'edge http web']);
    expect(limitsOf(topology)).toEqual([['tokenBucket', 'perClient', 100, 60_000, 50, 'api']]);
    expect(topology.rateLimiters[0]?.place).toMatchObject({ file: 'traefik/dynamic.toml', line: 19 });
    expect(bulkheads(topology)).toEqual([['edge->api', 10, 'traefik/dynamic.toml:23']]);
    expect(topology.problems).toEqual([]);
  });

  it('TOML that is broken is a problem at its line, and the rest is read', async () => {
    const topology = await behind('traefik:v3', {
      'dynamic.toml': `[http.routers.web]\n  service = "web"\n  rule = = 3\nnonsense\n[http.services.web.loadBalancer]\nservers = [{ url = "http://web:3000" }]\n`,
    });
    expect(callsOf(topology)).toEqual(['edge http web']);
    expect(topology.problems.map((it) => [it.file, it.line])).toEqual([
      ['dynamic.toml', 3],
      ['dynamic.toml', 4],
    ]);
  });

  it.each<[string, Record<string, string[]>, unknown[]]>([
    [
      'labels of a service',
      {
        api: [
          'traefik.http.routers.api.rule=Host(`a`)',
          'traefik.http.routers.api.middlewares=limit@docker',
          'traefik.http.middlewares.limit.ratelimit.average=20',
          'traefik.http.middlewares.limit.ratelimit.burst=40',
        ],
        web: ['traefik.http.routers.web.rule=Host(`b`)'],
      },
      [['tokenBucket', 'perClient', 20, 1000, 40, 'api']],
    ],
    [
      'a chain that the gateway itself describes',
      {
        edge: ['traefik.http.middlewares.limit.rateLimit.average=20', 'traefik.http.middlewares.both.chain.middlewares=limit,headers'],
        api: ['traefik.http.routers.api.rule=Host(`a`)', 'traefik.http.routers.api.middlewares=both'],
        web: ['traefik.http.routers.web.rule=Host(`b`)'],
      },
      [['tokenBucket', 'perClient', 20, 1000, 1, 'api']],
    ],
    [
      'a middleware that no router names, and an average of 0',
      {
        api: ['traefik.http.routers.api.rule=Host(`a`)', 'traefik.http.routers.api.middlewares=off', 'traefik.http.middlewares.off.ratelimit.average=0'],
        web: ['traefik.http.routers.web.rule=Host(`b`)', 'traefik.http.middlewares.limit.ratelimit.average=20'],
      },
      [],
    ],
  ])('%s', async (_name, labels, expected) => {
    const topology = await behind('traefik:v3', {}, labels);
    expect(callsOf(topology)).toEqual(['edge http api', 'edge http web']);
    expect(limitsOf(topology)).toEqual(expected);
  });
});

describe('kong', () => {
  // https://developer.konghq.com/plugins/rate-limiting/, https://developer.konghq.com/gateway/entities/upstream/
  const kong = (plugins: string, more = '') =>
    behind('kong:3.9', {
      'kong/kong.yml': `_format_version: "3.0"\nservices:\n  - name: api\n    url: http://api:3000\n    routes:\n      - name: api\n        paths: [/api]\n${plugins}  - name: web\n    host: pages\n    port: 80\nupstreams:\n  - name: pages\n    targets:\n      - target: web:3000\n${more}`,
    });
  const plugin = (config: string, indent: string, scope = ''): string => `${indent}plugins:\n${indent}  - name: rate-limiting\n${scope}${indent}    config: { ${config} }\n`;
  it.each<[string, string, string, unknown[]]>([
    ['of a service', plugin('minute: 5, policy: local', '    '), '', [['fixedWindow', 'perClient', 5, 60_000, undefined, 'api']]],
    [
      'of a route, in two windows, whoever asks',
      plugin('second: 5, hour: 10000, limit_by: service', '        '),
      '',
      [
        ['fixedWindow', 'global', 5, 1000, undefined, 'api'],
        ['fixedWindow', 'global', 10_000, 3_600_000, undefined, 'api'],
      ],
    ],
    ['of everything', '', plugin('second: 5', ''), [['fixedWindow', 'perClient', 5, 1000, undefined, 'all']]],
    ['by the name of a service', '', plugin('second: 5', '', '    service: web\n'), [['fixedWindow', 'perClient', 5, 1000, undefined, 'web']]],
    ['of a consumer: not of all', '', plugin('second: 5', '', '    consumer: someone\n'), []],
    ['switched off', '', plugin('second: 5', '', '    enabled: false\n'), []],
  ])('a limit %s', async (_name, plugins, more, expected) => {
    const topology = await kong(plugins, more);
    expect(callsOf(topology)).toEqual(['edge http api', 'edge http web']);
    expect(limitsOf(topology)).toEqual(expected);
  });
  it('counts together where it has a store for that', async () => {
    expect((await kong(plugin('minute: 5, policy: redis', '    '))).rateLimiters).toMatchObject([{ shared: true, library: 'kong' }]);
    expect((await kong(plugin('minute: 5', '    '))).rateLimiters[0]).not.toHaveProperty('shared');
  });
});

describe('envoy', () => {
  // https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter, …/intro/arch_overview/upstream/circuit_breaking
  const envoy = (filter: string) =>
    behind('envoyproxy/envoy:v1.36', {
      'envoy.yaml': `static_resources:
  listeners:
    - address: { socket_address: { address: 0.0.0.0, port_value: 80 } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                http_filters:
                  - name: envoy.filters.http.local_ratelimit
                    typed_config:
                      token_bucket: { max_tokens: 100, tokens_per_fill: 50, fill_interval: 5s }
${filter}
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                        - match: { prefix: "/api" }
                          route: { cluster: api }
  clusters:
    - name: api
      circuit_breakers: { thresholds: [{ max_requests: 500 }] }
      load_assignment:
        cluster_name: api
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: { address: api, port_value: 3000 } } }
    - name: unused
      load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: web, port_value: 3000 } } } }] }] }
`,
    });
  const on = (name: string): string => `                      ${name}: { default_value: { numerator: 100, denominator: HUNDRED } }`;
  it('clusters that a route leads to, a bucket that is enforced, and what may be under way', async () => {
    const topology = await envoy(`${on('filter_enabled')}\n${on('filter_enforced')}`);
    expect(callsOf(topology)).toEqual(['edge http api']);
    expect(limitsOf(topology)).toEqual([['tokenBucket', 'global', 50, 5000, 100, 'all']]);
    expect(bulkheads(topology)).toEqual([['edge->api', 500, 'envoy.yaml:23']]);
  });
  it('a bucket that nobody enforces limits nothing', async () => expect(limitsOf(await envoy(on('filter_enabled')))).toEqual([]));
});

it('the simulator asks leave only before what a limit stands before', async () => {
  const topology = await behind('kong:3.9', {
    'kong.yml': `_format_version: "3.0"\nservices:\n  - { name: api, url: "http://api:3000", plugins: [{ name: rate-limiting, config: { second: 5, limit_by: service } }] }\n  - { name: web, url: "http://web:3000" }\n`,
  });
  const { network } = compile(topology, at(10));
  expect(validateNetwork(JSON.parse(JSON.stringify(network)))).not.toHaveProperty('error');
  const limited = network.programs.filter((it) => JSON.stringify(it.body).includes('"limit"')).map((it) => it.id);
  expect(limited.length).toBeGreaterThan(0);
  for (const id of limited) expect(id).toContain('api GET /api');
});
