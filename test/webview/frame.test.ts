import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layout } from '../../src/diagram/index.ts';
import { type Frame, frameOf, READABLE, type Size } from '../../webview/frame.ts';
import { manyServices, shopTopology } from '../webview-harness/shop.ts';

const shop = layout(shopTopology);
const many = layout(manyServices());

/** True when a box lies wholly on the canvas. */
function isSeen({ nodes }: typeof shop, id: string, { x, y, zoom }: Frame, canvas: Size): boolean {
  const box = nodes.find((it) => it.id === id)!;
  const [left, top] = [box.x * zoom + x, box.y * zoom + y];
  return left >= 0 && top >= 0 && left + box.width * zoom <= canvas.width && top + box.height * zoom <= canvas.height;
}

describe('the first look', () => {
  it('is at the whole picture where it can be read', () => {
    const canvas = { width: 900, height: 500 };
    const frame = frameOf(shop, ['api'], canvas);
    expect(frame.zoom).toBeGreaterThanOrEqual(READABLE);
    expect(shop.nodes.filter((it) => !isSeen(shop, it.id, frame, canvas))).toEqual([]);
  });

  it('stands in the middle of the free space', () => {
    const [low, high] = [frameOf(shop, ['api'], { width: 900, height: 400 }), frameOf(shop, ['api'], { width: 900, height: 800 })];
    expect(high.zoom).toBe(low.zoom);
    expect(high.y - low.y).toBeCloseTo(200);
  });

  it('shows what gives way in a readable size where the picture is too large', () => {
    const canvas = { width: 700, height: 420 };
    const frame = frameOf(many, ['postgres-main'], canvas);
    expect(frame.zoom).toBeCloseTo(READABLE);
    expect(isSeen(many, 'postgres-main', frame, canvas)).toBe(true);
  });

  it('shows both ends of a pool that gives way, where they fit', () => {
    const canvas = { width: 900, height: 1000 };
    const ends = ['svc-0', 'postgres-main'];
    const frame = frameOf(many, ends, canvas);
    for (const id of ends) expect(isSeen(many, id, frame, canvas), id).toBe(true);
  });

  it('shows what gives way on any canvas that has room for it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(shop, many),
        fc.integer({ min: 260, max: 2000 }),
        fc.integer({ min: 200, max: 1400 }),
        fc.nat(200),
        fc.nat(200),
        (picture, width, height, index, behind) => {
          const node = picture.nodes[index % picture.nodes.length]!;
          const other = picture.nodes[behind % picture.nodes.length]!;
          const frame = frameOf(picture, [node.id, other.id], { width, height });
          expect(isSeen(picture, node.id, frame, { width, height })).toBe(true);
        },
      ),
      { seed: 3 },
    );
  });
});
