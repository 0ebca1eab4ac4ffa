import type { FileDetector } from '../detector.ts';
import compose from './compose.ts';
import dockerfile from './dockerfile.ts';
import envFile from './env-file.ts';
import helm from './helm.ts';
import kubernetes from './kubernetes.ts';
import nginx from './nginx.ts';
import otherLanguage from './other-language.ts';
import packageJson from './package-json.ts';
import packageLock from './package-lock.ts';
import pgbouncer from './pgbouncer-ini.ts';
import pm2 from './pm2.ts';
import prismaSchema from './prisma-schema.ts';
import procfile from './procfile.ts';
import shell from './shell.ts';
import tsconfig from './tsconfig.ts';

/** Every format that is read. The first that matches a path reads it. */
export const DETECTORS: readonly FileDetector[] = [
  compose,
  dockerfile,
  envFile,
  nginx,
  otherLanguage,
  packageJson,
  packageLock,
  pgbouncer,
  pm2,
  prismaSchema,
  procfile,
  shell,
  tsconfig,
  helm,
  kubernetes,
];
