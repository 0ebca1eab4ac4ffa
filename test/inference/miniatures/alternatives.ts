import { compose, type Miniature, part, POSTGRES, pool, QUERY, REDIS, server } from './parts.ts';

const app = (files: Record<string, string>, index: string): Record<string, string> => ({
  ...part('.', index, { express: '4', axios: '1', pg: '8', bullmq: '5' }),
  ...compose({ app: '{ build: ., ports: ["80:3000"] }', db: POSTGRES, cache: REDIS }),
  ...files,
});
const plugIn = (name: string, host: string): string => `const axios = require('axios');
class ${name} {
  constructor() { this.id = '${name}'; this.url = 'https://api.${host}/v1'; }
  handles(id) { return id === this.id; }
  async send(to) { return axios.post(this.url + '/messages', { to }); }
}
module.exports = { ${name} };
`;
const PLUG_INS = { 'alpha.js': plugIn('Alpha', 'alphamail.com'), 'beta.js': plugIn('Beta', 'betamail.net') };
const HEAD = `const { Alpha } = require('./alpha');\nconst { Beta } = require('./beta');\n`;
const ROUTE = `app.post('/send', async (q, s) => { await chosen(q.body.id).send(q.body.to); s.end(); });`;
const BOTH = {
  nodes: ['app service', 'db database', 'cache cache', 'alphamail external-api', 'betamail external-api'],
  edges: ['app http alphamail', 'app http betamail'],
};
const MANY = Array.from({ length: 14 }, (_, at) => `p${at}`);

/** What is called is chosen while the program runs, and names that come from circular imports. */
export const ALTERNATIVES: readonly Miniature[] = [
  {
    trap: 'a plug-in that a list gives by its name',
    files: app(PLUG_INS, server(`${HEAD}const all = [new Alpha(), new Beta()];\nconst chosen = (id) => all.find((it) => it.handles(id));`, ROUTE)),
    ...BOTH,
  },
  {
    trap: 'a plug-in that a loop returns',
    files: app(
      PLUG_INS,
      server(`${HEAD}const all = [new Alpha(), new Beta()];\nfunction chosen(id) { for (const it of all) { if (it.handles(id)) return it; } throw new Error('none'); }`, ROUTE),
    ),
    ...BOTH,
  },
  {
    trap: 'a plug-in out of a table',
    files: app(PLUG_INS, server(`${HEAD}const all = { alpha: new Alpha(), beta: new Beta() };\nconst chosen = (id) => all[id];`, ROUTE)),
    ...BOTH,
  },
  {
    trap: 'a plug-in that is known: the others are not called',
    files: app(PLUG_INS, server(`${HEAD}const all = [new Alpha(), new Beta()];\nconst chosen = () => all.find((it) => it.handles('Beta'));`, ROUTE)),
    nodes: ['app service', 'db database', 'cache cache', 'betamail external-api'],
    edges: ['app http betamail'],
  },
  {
    trap: 'more outside services behind one call than anybody draws',
    files: app(
      Object.fromEntries(MANY.map((it) => [`providers/${it}.js`, plugIn(it.toUpperCase(), `${it}mail.com`)])),
      server(
        `${MANY.map((it) => `const { ${it.toUpperCase()} } = require('./providers/${it}');`).join('\n')}\nconst all = [${MANY.map((it) => `new ${it.toUpperCase()}()`).join(', ')}];\nconst chosen = (id) => all.find((it) => it.handles(id));`,
        ROUTE,
      ),
    ),
    nodes: ['app service', 'db database', 'cache cache', 'providers external-api'],
    edges: ['app http providers'],
  },
  {
    trap: 'a class that comes from a barrel which is still being read',
    files: {
      ...part('.', server(pool('{ host: "db" }'), `${QUERY}\nconst { Mails } = require('./workers');\nnew Mails();`), { express: '4', pg: '8', bullmq: '5' }),
      ...compose({ app: '{ build: ., ports: ["80:3000"] }', db: POSTGRES, cache: REDIS }),
      'workers/index.js': `import { Base } from './base';\nimport { Mails } from './mails';\nexport { Base, Mails };\n`,
      'workers/base.js': `import { Worker } from 'bullmq';\nexport class Base { constructor(name) { this.worker = new Worker(name, async () => {}, { connection: { host: 'cache' }, concurrency: 7 }); } }\n`,
      'workers/mails.js': `import { Base } from './index';\nexport class Mails extends Base { constructor() { super('mails'); } }\n`,
    },
    nodes: ['app service', 'mails-worker worker', 'db database', 'cache queue'],
    edges: ['app query db', 'mails-worker consume cache'],
    facts: ['worker_concurrency mails 7 jobs workers/base.js:2'],
  },
];
