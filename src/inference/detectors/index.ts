import type { FileDetector } from '../detector.ts';
import cloudformation from './cloudformation.ts';
import caddyfile from './caddyfile.ts';
import cdkJson from './cdk-json.ts';
import codeMigrations from './code-migrations.ts';
import compose from './compose.ts';
import dockerfile from './dockerfile.ts';
import envFile from './env-file.ts';
import envoy from './envoy.ts';
import imageBuilds from './image-builds.ts';
import kong from './kong.ts';
import traefik from './traefik.ts';
import graphqlSchema from './graphql-schema.ts';
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
import serverless from './serverless.ts';
import shell from './shell.ts';
import sstConfig from './sst-config.ts';
import sqlMigrations from './sql-migrations.ts';
import terraform from './terraform.ts';
import tsconfig from './tsconfig.ts';
import vercelJson from './vercel-json.ts';
import workspaceProjects from './workspace-projects.ts';

/** Every format that is read. The first that matches a path and recognises its text reads it. */
export const DETECTORS: readonly FileDetector[] = [
  compose,
  dockerfile,
  envFile,
  caddyfile,
  cdkJson,
  codeMigrations,
  nginx,
  otherLanguage,
  packageJson,
  packageLock,
  pgbouncer,
  pm2,
  prismaSchema,
  procfile,
  serverless,
  shell,
  sstConfig,
  sqlMigrations,
  terraform,
  tsconfig,
  vercelJson,
  workspaceProjects,
  graphqlSchema,
  imageBuilds,
  envoy,
  kong,
  traefik,
  helm,
  cloudformation,
  kubernetes,
];

export const isConfiguration = (path: string): boolean => DETECTORS.some((it) => it.matches(path));

/** The detector that reads a file. */
export const detectorOf = (path: string, text: string): FileDetector | undefined => DETECTORS.find((it) => it.matches(path) && (it.recognises?.(text) ?? true));
