import { compose } from '../../rules/fixes/shops.ts';
import type { Fix } from '../../rules/fixes/fix.ts';
import type { Proof } from './gate.ts';

const DOCKERFILE = 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n';

/** The service of a fix several times over, as compose starts it. */
export const replicated = ({ says, files, scenario }: Fix, count: number): Proof => ({
  says: `${says}, ${count} replicas`,
  files: { ...files, Dockerfile: DOCKERFILE, ...compose('', `    deploy:\n      replicas: ${count}\n`) },
  ...(scenario && { scenario }),
});
