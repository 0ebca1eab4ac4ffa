import { parse } from 'jsonc-parser';
import { keptCommand } from '../code/redact.ts';
import type { FileDetector } from '../detector.ts';
import { isObject } from './kubernetes-values.ts';
import { nameOf } from './paths.ts';

/** cdk.json: what starts the program that describes stacks of AWS CDK. */
export default {
  id: 'cdk-json',
  matches: (path) => nameOf(path) === 'cdk.json',
  detect(path, text) {
    const it: unknown = parse(text);
    if (!isObject(it) || typeof it.app !== 'string') return { claims: [] };
    return { claims: [{ kind: 'infrastructure', by: 'cdk', command: keptCommand(it.app), place: { file: path, line: 1 } }] };
  },
} satisfies FileDetector;
