import { describe, expect, it } from 'vitest';
import { applied, type Files } from './bench.ts';

const stack = (worker: string): Files => ({ 'docker-compose.yml': `services:\n  worker:\n    build: .\n${worker}  db:\n    image: postgres\n` });
const run = (files: Files, value = 3) => applied('set-replicas', { compose: 'docker-compose.yml', service: 'worker', value }, files);

describe('set-replicas', () => {
  it.each([
    ['nothing said', '', '    build: .\n    deploy:\n      replicas: 3\n'],
    ['a number', '    deploy:\n      replicas: 1 # few\n', '    deploy:\n      replicas: 3 # few\n'],
    ['other words of deploy', '    deploy:\n      resources: {}\n', '    deploy:\n      resources: {}\n      replicas: 3\n'],
    ['scale', '    scale: 2\n', '    scale: 3\n'],
    ['a port of its own', '    ports:\n      - "3000"\n', '      - "3000"\n    deploy:\n      replicas: 3\n'],
  ])('%s', async (_says, before, after) => expect(((await run(stack(before))) as Files)['docker-compose.yml']).toContain(after));

  it.each<[string, string, RegExp]>([
    ['a name', '    container_name: mailer\n', /container_name/],
    ['a port of the host', '    ports:\n      - "3000:3000"\n', /publishes a port/],
    ['a port of the host, long form', '    ports:\n      - target: 3000\n        published: 3000\n', /publishes a port/],
    ['a variable', '    deploy:\n      replicas: ${' + 'COUNT}\n', /not written as a number/],
    ['as many', '    deploy:\n      replicas: 3\n', /already/],
  ])('refuses %s', async (_says, worker, why) => expect(await run(stack(worker))).toEqual({ cannot: expect.stringMatching(why) }));
});
