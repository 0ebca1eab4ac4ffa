import { describe, expect, it } from 'vitest';
import caddyfile from '../../src/inference/detectors/caddyfile.ts';
import { callsOf, topologyOf } from './memory-workspace.ts';

describe('whom a Caddyfile passes requests to', () => {
  it.each<[string, string, string[]]>([
    ['one upstream', ':80 {\n  reverse_proxy api:3000\n}', ['api:2']],
    ['a matcher before it', 'shop.example {\n  reverse_proxy /api/* api:3000\n  reverse_proxy @ws ws:3001\n}', ['api:2', 'ws:3']],
    ['several, with a scheme', ':80\nreverse_proxy http://one:80 h2c://two:81', ['one:2', 'two:2']],
    ['a block with to', ':80 {\n  reverse_proxy {\n    to api:3000 spare:3000\n    lb_policy first\n  }\n  to nothing\n}', ['api:3', 'spare:3']],
    ['a block of settings after the upstream', ':80 {\n  reverse_proxy api:3000 {\n    header_up Host {host}\n  }\n}', ['api:2']],
    ['a variable', ':80 {\n  reverse_proxy {$BACKEND}\n  reverse_proxy {env.OTHER}\n}', ['${BACKEND}:2', '${OTHER}:3']],
    ['the same machine', ':80 {\n  reverse_proxy localhost:8080\n}', []],
    ['a comment', ':80 {\n  # reverse_proxy api:3000\n  file_server\n}', []],
    ['half a file', ':80 {\n  reverse_proxy', []],
  ])('%s', (_name, text, expected) => {
    const [claim] = caddyfile.detect('Caddyfile', text).claims;
    expect(claim?.targets.map((it) => `${it.value}:${it.place.line}`) ?? []).toEqual(expected);
  });

  it.each(['Caddyfile', 'deploy/Caddyfile', 'site.Caddyfile', 'Caddyfile.prod', 'a.caddy'])('%s is read', (path) => {
    expect(caddyfile.matches(path)).toBe(true);
  });

  it('of two files the one beside the deployment counts', async () => {
    const topology = await topologyOf({
      'compose.yaml': 'services:\n  caddy:\n    image: caddy:2\n    ports: ["80:80"]\n  api:\n    image: shop/api:1\n  web:\n    image: shop/web:1\n',
      Caddyfile: '{$DOMAIN} {\n  handle /api/* {\n    reverse_proxy api:3000\n  }\n}\n',
      'docs/Caddyfile': ':80 {\n  reverse_proxy web:80\n}\n',
    });
    expect(callsOf(topology)).toEqual(['caddy http api']);
  });
});
