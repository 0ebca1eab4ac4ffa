import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, inFolder, SHOP } from './run-cli.ts';

/** The sample as it would be without what its owner measured. */
const withoutProject = () =>
  Object.fromEntries(
    [
      'package.json',
      'docker-compose.yml',
      'Dockerfile',
      'tsconfig.json',
      'src/db.ts',
      'src/server.ts',
      'src/orders.ts',
      'src/worker.ts',
      'src/routes/orders.ts',
      'src/routes/products.ts',
    ].map((path) => [path, readFileSync(join(SHOP, path), 'utf8')]),
  );

describe('usage', () => {
  it.each([
    [['check', '/no/such/folder'], 2, 'is not a folder'],
    [['check', SHOP, '--rps', 'many'], 2, '--rps takes a number above 0'],
    [['check', SHOP, '--rps', '-5'], 2, '--rps'],
    [['check', SHOP, '--format', 'xml'], 2, '--format takes text, json, sarif, markdown, mermaid'],
    [['check', SHOP, '--series'], 2, 'check has no option --series'],
    [['check', SHOP, 'two'], 2, 'takes one path'],
    [['check', SHOP, '--rps', '10', '--deployment', 'nowhere'], 2, 'no deployment "nowhere"'],
    [['check', '--colour'], 2, '--colour'],
    [['frobnicate'], 2, 'unknown command "frobnicate"'],
    [['diff', 'one.json'], 2, 'diff takes two outputs of check --format json, got 1'],
    [['diff', '/no/such.json', '/no/such.json'], 2, "can't be read"],
    [['diff', join(SHOP, 'package.json'), join(SHOP, 'package.json')], 2, '"version" has another form'],
    [['check', SHOP, '--baseline', join(SHOP, 'package.json')], 2, 'expected the output of check --format json'],
    [['simulate'], 2, 'simulate takes a MODEL.json'],
    [['simulate', '/no/such.json'], 2, "can't be read"],
  ])('%j exits %i', (args, code, message) => {
    const ran = cli(...args);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
    expect(ran.err.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    [['--help'], 'faultline check'],
    [['--version'], '0.1.0'],
    [[], 'faultline check'],
  ])('%j prints %s', (args, text) => {
    const ran = cli(...args);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain(text);
  });
});

const asked = ['--rps', '1000', '--format', 'json'];
const ran = cli('check', SHOP, ...asked);
const report = JSON.parse(ran.out);

describe('check', () => {
  it('finds what the sample really has', () => {
    const kinds = Object.fromEntries(report.topology.components.map((it: { name: string; kind: string }) => [it.name, it.kind]));
    expect(kinds).toEqual({ api: 'service', worker: 'worker', db: 'database' });
    expect(report.topology.deployment).toBe('docker-compose.yml');
    expect(report.topology.calls.find((it: { from: string }) => it.from === 'api')).toMatchObject({
      to: 'db',
      kind: 'query',
      pool: { value: 10, basis: 'declared', place: { file: 'src/db.ts', line: 5 } },
    });
  });

  it('says what breaks, and where', () => {
    expect(report.outcome).toMatchObject({ targetPerSecond: 1000, verdict: 'fails', headline: 'System Failure: Database Overload' });
    expect(report.findings[0]).toMatchObject({ rule: 'pool-saturation', severity: 'warning', file: 'src/db.ts' });
    expect(report.findings[0].remedies[0].breaksAtAfter).toBeGreaterThan(report.findings[0].remedies[0].breaksAtBefore);
  });

  it('prints the same twice', () => expect(cli('check', SHOP, ...asked)).toEqual(ran));

  it('exits 1: a warning at a target of the user', () => expect(ran.code).toBe(1));
  it.each([
    [['--rps', '1000', '--fail-on', 'none'], 0, 'switched off'],
    [['--rps', '10'], 0, 'holds'],
    [[], 1, 'its faultline.json declares a spike'],
  ])('%j exits %i: %s', (args, code) => expect(cli('check', SHOP, ...args).code).toBe(code));

  it('without a target of the user nothing is a warning', () =>
    inFolder(withoutProject(), (folder) => {
      const ran = cli('check', folder, '--format', 'json');
      expect(ran.code).toBe(0);
      expect(JSON.parse(ran.out).findings.map((it: { severity: string }) => it.severity)).not.toContain('warning');
    }));

  it('counts only findings that the baseline lacks', () =>
    inFolder({}, (folder) => {
      const baseline = join(folder, 'baseline.json');
      writeFileSync(baseline, cli('check', SHOP, '--rps', '900', '--format', 'json').out);
      expect(cli('check', SHOP, '--rps', '1000', '--baseline', baseline).code).toBe(0);
      writeFileSync(baseline, '{"findings": []}');
      expect(cli('check', SHOP, '--rps', '1000', '--baseline', baseline).code).toBe(1);
    }));

  it.each([
    ['text', /System Failure: Database Overload[\s\S]*src\/db\.ts/],
    ['markdown', /^# System Failure: Database Overload[\s\S]*```mermaid\nflowchart/],
    ['mermaid', /^flowchart/],
    ['sarif', /"version": "2\.1\.0"[\s\S]*"pool-saturation"/],
  ])('--format %s', (format, pattern) => expect(cli('check', SHOP, '--rps', '1000', '--format', format).out).toMatch(pattern));

  it('writes to a file', () =>
    inFolder({}, (folder) => {
      const file = join(folder, 'report.json');
      expect(cli('check', SHOP, '--rps', '10', '--format', 'json', '--output', file).out).toBe('');
      expect(JSON.parse(readFileSync(file, 'utf8')).version).toBe(1);
    }));
});

it('diff: two outputs of check, as the comment of a pull request', () =>
  inFolder({}, (folder) => {
    const [before, after] = ['before.json', 'after.json'].map((it) => join(folder, it)) as [string, string];
    writeFileSync(before, JSON.stringify({ ...report, scenario: { ...report.scenario, targetPerSecond: 900 } }));
    writeFileSync(after, JSON.stringify(report));
    const ran = cli('diff', before, after, '--format', 'markdown');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/^### Breaks where it did, at \d.* req\/s\n\nThe two were asked differently \(target\)/);
  }));

describe('scaffold', () => {
  it.each([
    ['npx', 'npx --yes nodejs-quickstart-structure@'],
    ['yarn', 'yarn dlx nodejs-quickstart-structure@'],
    ['pnpm', 'pnpm dlx nodejs-quickstart-structure@'],
  ])('%s', (manager, start) => {
    const ran = cli('scaffold', SHOP, '--manager', manager);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(start);
    expect(ran.out).toContain('PostgreSQL');
  });
});
