// What a script can say about a picture: nothing clipped, no boxes over each other, enough contrast. Runs in the webview's frame.

/** Texts that their own box, or one around it that cuts, does not show in full. A box that scrolls shows everything, so only cutting ones count. */
export const clippedTexts = (frame) =>
  frame.evaluate(() => {
    const faults = [];
    const cuts = (style) => ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent.trim();
      const owner = node.parentElement;
      if (!text || !owner || owner.closest('script, style, .live, .visually-hidden, option, .react-flow__minimap') || !owner.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0) continue;
      for (let around = owner; around && around !== document.body; around = around.parentElement) {
        // Canvas and scrolling parts can be moved: what lies outside their window is not lost.
        if (around.matches('.react-flow, .react-flow__renderer')) break;
        const style = getComputedStyle(around);
        if (['auto', 'scroll'].includes(style.overflowX) || ['auto', 'scroll'].includes(style.overflowY)) break;
        if (!cuts(style)) continue;
        const window = around.getBoundingClientRect();
        if (box.right > window.right + 1.5 || box.left < window.left - 1.5 || box.bottom > window.bottom + 3 || box.top < window.top - 3) {
          faults.push(`“${text.slice(0, 60)}” is cut by ${around.className || around.tagName}`);
          break;
        }
      }
      if (owner.scrollWidth > owner.clientWidth + 2 && getComputedStyle(owner).textOverflow === 'ellipsis') faults.push(`“${text.slice(0, 60)}” ends in an ellipsis`);
    }
    // Text that leaves its node box runs into neighbours.
    for (const box of document.querySelectorAll('[data-box]')) {
      const outer = box.getBoundingClientRect();
      for (const inner of box.querySelectorAll('.box-name, .box-detail, .meter-text')) {
        const rect = inner.getBoundingClientRect();
        if (rect.right > outer.right + 1.5 || rect.bottom > outer.bottom + 1.5) faults.push(`“${inner.textContent.slice(0, 60)}” leaves the box of ${box.dataset.box}`);
      }
    }
    return faults;
  });

/** Pairs of node boxes whose rectangles intersect. */
export const overlappingBoxes = (frame) =>
  frame.evaluate(() => {
    const boxes = [...document.querySelectorAll('[data-box]')].map((it) => ({ name: it.dataset.box, rect: it.getBoundingClientRect() }));
    const faults = [];
    boxes.forEach((a, index) => {
      for (const b of boxes.slice(index + 1))
        if (a.rect.left < b.rect.right - 0.5 && b.rect.left < a.rect.right - 0.5 && a.rect.top < b.rect.bottom - 0.5 && b.rect.top < a.rect.bottom - 0.5)
          faults.push(`${a.name} and ${b.name} overlap`);
    });
    return faults;
  });

/** Texts under WCAG's 4.5:1 against what is painted behind them; the ground is the nearest opaque colour around. */
export const faintTexts = (frame, minimum = 4.5) =>
  frame.evaluate((least) => {
    const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3])).concat(1);
    const luminance = (colour) => {
      const [r, g, b] = colour.slice(0, 3).map((it) => (it / 255 <= 0.04045 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const groundOf = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) {
        const colour = rgba(getComputedStyle(at).backgroundColor);
        if (colour[3] > 0) layers.push(colour);
        if (colour[3] === 1) break;
      }
      return layers
        .reverse()
        .reduce((ground, layer) => over(layer, ground), rgba(getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background') || 'white'));
    };
    const opacityOf = (element) => {
      let value = 1;
      for (let at = element; at; at = at.parentElement) value *= Number(getComputedStyle(at).opacity);
      return value;
    };
    const faults = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent.trim();
      const owner = node.parentElement;
      if (!text || !owner?.checkVisibility() || owner.closest('script, style, .live, option, .react-flow__minimap')) continue;
      // Disabled controls are exempt (WCAG 1.4.3).
      if (owner.closest(':disabled, [aria-disabled="true"]')) continue;
      const ground = groundOf(owner);
      const style = getComputedStyle(owner);
      const colour = rgba(owner instanceof SVGElement ? style.fill : style.color);
      colour[3] *= opacityOf(owner);
      const [light, dark] = [luminance(over(colour, ground)), luminance(ground)].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < least) faults.push(`“${text.slice(0, 50)}” has ${ratio.toFixed(2)}:1 (${owner.className?.baseVal ?? owner.className ?? owner.tagName})`);
    }
    return [...new Set(faults)];
  }, minimum);
