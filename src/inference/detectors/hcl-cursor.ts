import type { Place } from '../../model/known.ts';

/** Text that is no Terraform from here on; never leaves the reader. */
export class Unreadable extends Error {
  readonly at: number;
  constructor(at: number) {
    super('unreadable');
    this.at = at;
  }
}

/** A position in one text; lives for one reading. */
export class HclCursor {
  at = 0;
  readonly file: string;
  readonly text: string;
  private readonly starts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let it = text.indexOf('\n'); it >= 0; it = text.indexOf('\n', it + 1)) this.starts.push(it + 1);
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  lineOf(at: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] as number) <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  placeFrom(from: number): Place {
    const [line, endLine] = [this.lineOf(from), this.lineOf(this.at)];
    return { file: this.file, line, column: from - (this.starts[line - 1] as number) + 1, endLine, endColumn: this.at - (this.starts[endLine - 1] as number) + 1 };
  }

  /** Blanks, line ends and comments. */
  skipBlank(withLines = true): void {
    const pattern = withLines ? /(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y : /(?:[ \t\r]+|\/\*[\s\S]*?\*\/)+/y;
    pattern.lastIndex = this.at;
    this.at += pattern.exec(this.text)?.[0].length ?? 0;
  }

  take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  expect(mark: string): void {
    if (!this.text.startsWith(mark, this.at)) throw new Unreadable(this.at);
    this.at += mark.length;
  }

  /** Behind a broken block: the next line that begins one at its very start. */
  toNextBlock(from: number): void {
    const next = /\n(?=[a-z_]+[^\n=]*\{)/g;
    next.lastIndex = from + 1;
    const found = next.exec(this.text);
    this.at = found ? found.index + 1 : this.text.length;
  }

  quotedName(): string | undefined {
    return this.take(/"[^"\n$]*"/)?.slice(1, -1);
  }
}
