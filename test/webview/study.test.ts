import { describe, expect, it } from 'vitest';
import type { Attribution } from '../../src/model/outcome.ts';
import { metastability, waits } from '../../src/simulator/index.ts';
import { carryOut, type News } from '../../webview/study.ts';
import { partsOf } from '../../webview/waits.tsx';
import { apiAndDatabase, at, ms } from '../simulator/topologies.ts';

const topology = apiAndDatabase({ holdMs: ms(10) });
async function heard(study: 'why' | 'outage', stopAfter = Number.POSITIVE_INFINITY): Promise<News[]> {
  const news: News[] = [];
  const signal = { aborted: false };
  await carryOut(study, topology, at(300), signal, (it) => {
    news.push(it);
    if (news.length >= stopAfter) signal.aborted = true;
  });
  return news;
}

describe('a study', () => {
  it('tells gains first, then waits while they are played, and ends', async () => {
    const news = await heard('why');
    const kinds = news.map((it) => it.kind).filter((it, index, all) => it !== all[index - 1]);
    expect(kinds).toEqual(['gains', 'progress', 'waits', 'done']);
    const shares = news.flatMap((it) => (it.kind === 'progress' ? [it.share] : []));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(news.find((it) => it.kind === 'waits')).toEqual({ kind: 'waits', waits: waits(topology, at(300)) });
  });
  it('of an outage comes to what the plain function says', async () => {
    const news = await heard('outage');
    expect(news.at(-2)).toEqual({ kind: 'outage', outage: metastability(topology, at(300)) });
    expect(news.at(-1)).toEqual({ kind: 'done' });
  });
  it.each([1, 2, 5])('says nothing after it was stopped at its word %i', async (count) => expect(await heard('why', count)).toHaveLength(count));
  it('lets others have a turn', async () => {
    let turns = 0;
    let isOver = false;
    const other = (async () => {
      while (!isOver) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        turns++;
      }
    })();
    await heard('outage');
    isOver = true;
    await other;
    expect(turns).toBeGreaterThan(5);
  });
});

describe('the parts of a response', () => {
  const attribution = (more: Partial<Attribution>): Attribution => ({ responses: 100, responseMs: 100, stations: [], delayMs: 0, lostMs: 0, ...more });
  it.each<[string, Attribution, readonly string[]]>([
    [
      'largest first, waits apart from services',
      attribution({
        stations: [
          { id: 'pool', waitMs: 60, serviceMs: 0 },
          { id: 'db', waitMs: 10, serviceMs: 30 },
        ],
      }),
      ['60 waiting for pool', '30 served by db', '10 waiting for db'],
    ],
    [
      'small ones come together',
      attribution({
        stations: [
          { id: 'a', waitMs: 96, serviceMs: 2 },
          { id: 'b', waitMs: 2, serviceMs: 0 },
        ],
      }),
      ['96 waiting for a', '4 everything else'],
    ],
    [
      'delays and lost attempts are named',
      attribution({ delayMs: 40, lostMs: 60 }),
      ['60 lost in attempts that came to nothing', '40 under way: network, timers, outside services'],
    ],
  ])('%s', (_, it, expected) => expect(partsOf(it, (id) => id).map((part) => `${part.ms} ${part.words}`)).toEqual(expected));
});
