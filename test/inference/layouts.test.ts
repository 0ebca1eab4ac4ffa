import { describe, expect, it } from 'vitest';
import { layouts } from '../../src/inference/assemble/layouts.ts';
import type { StepTargets } from '../../src/inference/assemble/steps.ts';
import type { Resource } from '../../src/inference/code/values.ts';

const client: Resource = { t: 'resource', library: 'pg', type: 'Pool', id: 1, data: {}, place: { file: 'a.ts', line: 1 } };

const targets = (more: Partial<StepTargets> = {}): StepTargets => ({
  component: 'api',
  storeOf: () => ({ target: 'db', engine: 'postgres' }),
  channelOf: (_client, name) => name,
  serverOf: () => ({ target: 'billing', isExternal: false }),
  endpointOf: () => 'billing GET /prices',
  pushedTo: () => 'api POST /work',
  endpointsBehind: () => [],
  ttlOf: () => undefined,
  major: () => 4,
  hashCost: undefined,
  ...more,
});

const url = { t: 'text', parts: ['http://billing/prices'] } as const;

/** Asks everything that steps ask. */
const made = (to: StepTargets) => ({
  all: [
    to.component,
    to.hashCost,
    to.mounted,
    to.storeOf(client)?.target,
    to.channelOf(client, 'mails'),
    to.ttlOf(client, 'price'),
    to.serverOf(url)?.target,
    to.endpointOf('billing', 'GET', url),
    to.endpointsBehind('billing', url, '/')[0]?.id,
    to.major('pg'),
  ],
});

describe('a program is laid out anew', () => {
  const signature = { id: 'billing GET /', component: 'billing', method: 'GET', path: '/', place: client.place };

  it.each<[when: string, now: Partial<StepTargets>, before: () => void, isAnew: boolean]>([
    ['never, where every question has the answer that it had', {}, () => {}, false],
    ['where its client leads elsewhere', { storeOf: () => ({ target: 'replica', engine: 'postgres' }) }, () => {}, true],
    ['where its client is now switched on by a variable', {}, () => void (client.data.switchedOnBy = 'CACHE'), true],
    ['where its channel is gone', { channelOf: () => undefined }, () => {}, true],
    ['where a key lives longer', { ttlOf: () => ({ value: 5, place: client.place }) }, () => {}, true],
    ['where its server is somebody else', { serverOf: () => ({ target: 'prices', isExternal: true }) }, () => {}, true],
    ['where its request is another endpoint', { endpointOf: () => undefined }, () => {}, true],
    ['where other routes lie behind a gateway', { endpointsBehind: () => [signature] }, () => {}, true],
    ['for another version of a library', { major: () => 5 }, () => {}, true],
    ['where passwords are hashed at another cost', { hashCost: 12 }, () => {}, true],
    ['under another path', { mounted: '/api' }, () => {}, true],
    ['in another process', { component: 'worker' }, () => {}, true],
  ])('%s', (_when, now, change, isAnew) => {
    client.data.switchedOnBy = undefined;
    const kept = layouts();
    const drafts = {};
    const first = kept.laidOut(drafts, targets(), made);
    change();
    const second = kept.laidOut(drafts, targets(now), made);
    expect(second).toEqual(made(targets(now)));
    expect(second !== first).toBe(isAnew);
  });

  it('and asks again what brings components into being, in the order of the first time', () => {
    const kept = layouts();
    const drafts = {};
    const asked: string[] = [];
    const noting = (): StepTargets =>
      targets({
        storeOf: () => void asked.push('store'),
        serverOf: () => void asked.push('server'),
        channelOf: () => void asked.push('channel'),
      });
    const make = (to: StepTargets) => ({ all: [to.serverOf(url), to.storeOf(client), to.storeOf(client), to.channelOf(client, 'mails')] });
    kept.laidOut(drafts, noting(), make);
    expect(asked.splice(0)).toEqual(['server', 'store', 'store', 'channel']);
    kept.laidOut(drafts, noting(), make);
    expect(asked).toEqual(['server', 'store', 'channel']);
  });
});
