import type { Place } from '../../../../model/known.ts';
import { propertyOf, type Resource, textOf, textWith, toldNumber, toldValue, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall, Said, StageOf, Told } from '../../../detector.ts';
import type { Origin } from '../deployed.ts';

/** What a construct is, and where in the tree of its program. */
export interface Construct {
  /** `aws_lambda.Function`. */
  kind: string;
  id: string;
  /** Ids below the stack, its own last. */
  path: readonly string[];
  /** The stack that it is deployed with, and which stage of it. */
  unit: string;
  stage?: StageOf;
  props: Value | undefined;
  /** What code and people call it by; of what is none of these its id. */
  name: string;
  /** It lies elsewhere: somebody else's, that is only used here. */
  isImported?: true;
}

/** How one kind of construct is read. */
export interface Kind {
  /** It was made: what it brings is claimed. */
  make?(of: Resource, run: CodeRun): void;
  /** A method of it is called; undefined: what it does says nothing here. */
  on?(of: Resource, it: LibraryCall, run: CodeRun): Value | undefined;
  member?(of: Resource, name: string, run: CodeRun): Value | undefined;
}

/** A construct behind a value: itself, or what its class extends. */
export function constructIn(it: Value | undefined): Resource | undefined {
  if (it?.t === 'instance') return constructIn(it.base);
  if (it?.t === 'either') return constructIn(it.of[0]);
  if (it?.t !== 'resource') return undefined;
  return it.type === 'Construct' ? it : undefined;
}

export const dataOf = (of: Resource): Construct => of.data as unknown as Construct;

export function originOf(of: Resource): Origin {
  const { stage } = dataOf(of);
  return { place: of.place, ...(stage && { stage }) };
}

/** `aws_sqs.Queue`, wherever it was imported from: CDK 1 has a package for each module. */
export function kindOf(it: Pick<LibraryCall, 'package' | 'name'>): string {
  const parts = it.name.split('.').filter((part) => part !== '' && part !== 'default');
  if (it.package.startsWith('@aws-cdk/')) {
    const module = it.package
      .slice('@aws-cdk/'.length)
      .replace(/-alpha$/, '')
      .replaceAll('-', '_');
    return [module, ...parts].join('.');
  }
  // `import { aws_lambda } from 'aws-cdk-lib'` and `import * as lambda from 'aws-cdk-lib/aws-lambda'`.
  return /^[a-z]/.test(parts[0] ?? '') && parts.length > 1 ? parts.join('.') : ['core', ...parts].join('.');
}

/** The last word of a constant: `lambda.Runtime.NODEJS_20_X`. */
export const wordOf = (it: Value | undefined): string | undefined => (it?.t === 'package' ? it.path.at(-1) : textOf(it));

/** What a class or a function of the library that is no construct was given: `Code.fromAsset('src')`. */
export const isSaid = (it: Value | undefined, name: RegExp): it is Resource => it?.t === 'resource' && it.type === 'Said' && name.test(String(it.data.name));
export const argsOf = (it: Resource): readonly Value[] => (it.data.args as readonly Value[] | undefined) ?? [];

const UNITS_MS: Readonly<Record<string, number>> = { millis: 1, seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** `Duration.seconds(30)`. */
export function durationOf(it: Value | undefined): Told | undefined {
  if (!it || it.t === 'nothing') return undefined;
  if (!isSaid(it, /^core\.Duration\.\w+$/)) return { why: 'the value is computed where it cannot be read' };
  const factor = UNITS_MS[String(it.data.name).split('.').at(-1) ?? ''];
  const told = toldValue(argsOf(it)[0], it.place);
  return told && 'value' in told && factor !== undefined ? { value: told.value * factor, place: told.place } : { why: 'the value is computed where it cannot be read' };
}

export function toldDuration(props: Value | undefined, name: string): Told | undefined {
  const unread = toldNumber(props, name);
  const own = propertyOf(props, name);
  return own ? durationOf(own) : unread;
}

/** What is said for sure. */
export const saidOf = (it: Told | undefined): Said<number> | undefined => (it && 'value' in it ? it : undefined);

export const flagOf = (props: Value | undefined, name: string): boolean | undefined => {
  const it = propertyOf(props, name);
  return it?.t === 'boolean' ? it.v : undefined;
};

export const textIn = (props: Value | undefined, name: string): string | undefined => textOf(propertyOf(props, name));

/** The items of a list, as far as they are known. */
export const itemsOf = (it: Value | undefined): readonly Value[] => (it?.t === 'list' ? it.items : it && it.t !== 'nothing' ? [it] : []);

export const placeOfProperty = (props: Value | undefined, name: string, otherwise: Place): Place => (props?.t === 'object' ? props.places.get(name) : undefined) ?? otherwise;

export const idIn = (it: Value | undefined): string => textWith(it, '*');
