/** A workspace in which readers of code go wrong, with what a person would draw. */
export interface Miniature {
  /** What makes it hard. */
  trap: string;
  files: Readonly<Record<string, string>>;
  /** `name kind`, runtime ones only; `?` before it: optional, counts neither way. */
  nodes: readonly string[];
  /** `from kind to`. */
  edges: readonly string[];
  /** `type subject number unit file:line`. */
  facts?: readonly string[];
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A package with its Dockerfile and one file of code. */
export function part(folder: string, code: string, dependencies: Readonly<Record<string, string>> = { express: '4' }, more: object = {}): Record<string, string> {
  const at = (file: string): string => (folder === '.' ? file : `${folder}/${file}`);
  return {
    [at('Dockerfile')]: 'FROM node:22\nCMD ["node", "index.js"]\n',
    [at('package.json')]: json({ name: folder === '.' ? 'app' : folder.split('/').at(-1), main: 'index.js', dependencies, ...more }),
    [at('index.js')]: code,
  };
}

/** A server with routes; `head` comes before it. */
export const server = (head: string, routes: string, port = 3000): string =>
  `const express = require('express');\n${head}\nconst app = express();\n${routes}\napp.listen(${port});\n`;

export const pool = (options: string): string => `const { Pool } = require('pg');\nconst pool = new Pool(${options});`;
export const QUERY = `app.get('/it', async (req, res) => { const { rows } = await pool.query('SELECT * FROM things'); res.json(rows); });`;

/** A compose file of services in flow style: `api: { build: ./api }`. */
export const compose = (services: Readonly<Record<string, string>>): Record<string, string> => ({
  'docker-compose.yml': `services:\n${Object.entries(services)
    .map(([name, it]) => `  ${name}: ${it}\n`)
    .join('')}`,
});
export const POSTGRES = '{ image: "postgres:16" }';
export const REDIS = '{ image: "redis:7" }';
