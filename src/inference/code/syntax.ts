/**
 * What we keep of a source file: the syntax that can carry topology, as plain data (it goes into the cache).
 * Short field names because thousands of these are stored. Literals that may be secrets never get in (`redact.ts`).
 */
export type At = readonly [line: number, column: number, endLine: number, endColumn: number];

export type Expression =
  | { k: 'string'; v: string; at?: At }
  | { k: 'number'; v: number; at: At }
  | { k: 'boolean'; v: boolean }
  | { k: 'null' }
  /** A literal that was left out because it may be a secret. */
  | { k: 'hidden' }
  | { k: 'template'; parts: readonly (string | Expression)[] }
  /** `at`: of a class in a list, as modules name what they bring. */
  | { k: 'name'; n: string; at?: At }
  | { k: 'this' }
  | { k: 'super' }
  | { k: 'member'; o: Expression; p: string; at?: At }
  /** `at`: of what is assigned to. */
  | { k: 'index'; o: Expression; i: Expression; at?: At }
  | { k: 'call'; f: Expression; a: readonly Expression[]; at: At; isNew?: true }
  | { k: 'spread'; e: Expression }
  | { k: 'function'; f: FunctionSyntax }
  | { k: 'class'; c: ClassSyntax }
  | { k: 'object'; ps: readonly Property[]; at: At }
  | { k: 'array'; es: readonly Expression[] }
  | { k: 'logic'; op: '||' | '??' | '&&'; a: Expression; b: Expression }
  | { k: 'binary'; op: string; a: Expression; b: Expression }
  | { k: 'not'; e: Expression }
  | { k: 'conditional'; test: Expression; a: Expression; b: Expression }
  | { k: 'await'; e: Expression }
  | { k: 'assign'; target: Expression; v: Expression; op: string }
  /** A `require` or a dynamic import of a literal, or of a text (`of`) of which only the parts between the stars are literal. */
  /** `from` is `ANY_PATH` where only `of` tells what is loaded. */
  | { k: 'import'; from: string; of?: Expression }
  /** Anything else: its parts are looked at, its value is unknown. */
  | { k: 'other'; es: readonly Expression[] };

export interface Property {
  n?: string;
  computed?: Expression;
  v: Expression;
  kind?: 'spread' | 'getter' | 'setter';
  at: At;
}

export type Pattern =
  | { k: 'bind'; n: string }
  | { k: 'object'; ps: readonly { key: string | null; p: Pattern; d?: Expression }[] }
  | { k: 'array'; ps: readonly ({ p: Pattern; d?: Expression; rest?: true } | null)[] };

export interface Parameter {
  p: Pattern;
  d?: Expression;
  rest?: true;
  /** TypeScript parameter property: becomes a field. */
  field?: true;
  /** Decorators of a constructor's or a decorated method's parameter, and the class that its type names: containers inject by them. */
  decorators?: readonly Expression[];
  type?: Expression;
}

export interface FunctionSyntax {
  name?: string;
  params: readonly Parameter[];
  body: readonly Statement[];
  isArrow: boolean;
  isAsync: boolean;
  at: At;
}

export interface ClassSyntax {
  name?: string;
  parent?: Expression;
  construct?: FunctionSyntax;
  decorators?: readonly Expression[];
  members: readonly MemberSyntax[];
}

export interface MemberSyntax {
  n: string;
  kind: 'method' | 'getter' | 'setter' | 'field';
  isStatic: boolean;
  f?: FunctionSyntax;
  v?: Expression;
  decorators?: readonly Expression[];
  /** The class that the type of a decorated field names. */
  type?: Expression;
}

export type Statement =
  | { k: 'expression'; e: Expression; at: At }
  | { k: 'variable'; p: Pattern; v?: Expression }
  | { k: 'function'; n: string; f: FunctionSyntax }
  | { k: 'class'; n: string; c: ClassSyntax }
  | { k: 'return'; e?: Expression }
  | { k: 'throw'; e: Expression }
  | { k: 'if'; test: Expression; a: readonly Statement[]; b: readonly Statement[]; at: At }
  | { k: 'loop'; kind: 'of' | 'count' | 'while'; over?: Expression; bind?: Pattern; isAwaited?: true; parts: readonly Expression[]; body: readonly Statement[]; at: At }
  | { k: 'try'; body: readonly Statement[]; caught?: { at: At }; handler: readonly Statement[]; last: readonly Statement[] }
  | { k: 'block'; body: readonly Statement[] }
  | { k: 'switch'; e: Expression; cases: readonly { test?: Expression; body: readonly Statement[] }[] }
  | { k: 'import'; from: string; names: readonly (readonly [imported: string, local: string])[] }
  | { k: 'export'; names: readonly (readonly [local: string, exported: string])[]; from?: string }
  | { k: 'exportAll'; from: string; as?: string }
  | { k: 'exportDefault'; e: Expression }
  | { k: 'leave' };

/** One file as the interpreter needs it. */
export interface ModuleSyntax {
  file: string;
  body: readonly Statement[];
  /** Specifiers of every import, require and dynamic import with a literal; a star stands for what a relative one leaves open. */
  imports: readonly string[];
  /** First syntax error, if the text is broken somewhere. */
  brokenAt: number | null;
}

/** Stands for an import whose path is put together while the program runs. */
export const ANY_PATH = '?';
