import type { FileDetector } from '../detector.ts';
import { nameOf } from './paths.ts';

/** sst.config.ts of SST 3: a program that describes what is deployed. Older ones are programs of AWS CDK in another form, which is not read. */
export default {
  id: 'sst-config',
  matches: (path) => /^sst\.config\.[cm]?[jt]s$/.test(nameOf(path)),
  recognises: (text) => /\$config\s*\(/.test(text),
  detect: (path) => ({ claims: [{ kind: 'infrastructure', by: 'sst', place: { file: path, line: 1 } }] }),
} satisfies FileDetector;
