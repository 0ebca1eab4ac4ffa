import type { Files } from '../workspaces/sources.ts';

export type Packages = Readonly<Record<string, string>>;

/** A TypeScript service in ES modules that Node itself starts. */
export const typed = (dependencies: Packages, files: Files): Files => ({
  'package.json': `${JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts' }, dependencies }, null, 2)}\n`,
  ...files,
});

/** A JavaScript service in CommonJS. */
export const plain = (dependencies: Packages, files: Files): Files => ({
  'package.json': `${JSON.stringify({ name: 'api', scripts: { start: 'node src/server.js' }, dependencies }, null, 2)}\n`,
  ...files,
});

/** The compose file around it: what serves, its database, and what else is there. */
export const compose = (more = '', api = ''): Files => ({
  'docker-compose.yml': `services:
  # what the outside world asks
  api:
    build: .
    ports:
      - "3000:3000"
    environment:
      DB_HOST: db
    depends_on:
      - db
${api}
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: secret # of the development machine
${more}`,
});

export const measured = (...values: readonly (readonly [input: string, ms: number])[]): Files => ({
  'faultline.json': JSON.stringify({ measurements: values.map(([input, value]) => ({ input, value, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' })) }),
});

export const POSTGRES = { express: '^4.21.0', pg: '^8.13.0' } as const;

/** `src/db.ts` of the shops: a pool of pg. */
export const pgPool = (options: string): Files => ({
  'src/db.ts': `import { Pool } from 'pg';

/** Everything that asks the shop's database. */
export const pool = new Pool({
  connectionString: 'postgres://db:5432/shop',
  ${options} // as the load test of last year left it
});
`,
});

/** Express over pg, with one handler of the case's own. */
export const express = (route: string, imports = ''): Files => ({
  'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';${imports}

const app = express();
app.use(express.json());
${route}
app.listen(3000);
`,
});
