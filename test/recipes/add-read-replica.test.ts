import { describe, expect, it } from 'vitest';
import { applied, type Files } from './bench.ts';

/** A shop whose database has more said of it; the pool is on the first line of the file. */
const shop = (more: string, image = 'postgres:16', eol = '\n'): Files => ({
  'package.json': JSON.stringify({ name: 'shop', dependencies: { pg: '^8.13.0' } }),
  'docker-compose.yml': `services:
  api:
    build: .
    environment:
      DB_HOST: db
    depends_on: [db]
  db:
    image: ${image}
    environment:
      POSTGRES_PASSWORD: secret
${more}`.replaceAll('\n', eol),
  'db.js': "const pool = new (require('pg').Pool)({ host: process.env.DB_HOST, max: 20 });\nmodule.exports = { pool };\n",
});
const run = async (more: string, image?: string, eol?: string): Promise<Files | { cannot: string }> =>
  applied('add-read-replica', { library: 'pg', file: 'db.js', line: 1, compose: 'docker-compose.yml', store: 'db', copies: 1, moves: '', stays: '' }, shop(more, image, eol));

describe('add-read-replica, the service', () => {
  it.each([
    ['nothing more', '', 'exec postgres -D "$$PGDATA/replica"\n'],
    ['settings as one text', '    command: postgres -c max_connections=300 -c shared_buffers=1GB\n', '"$$PGDATA/replica" -c max_connections=300 -c shared_buffers=1GB\n'],
    ['settings as a list', '    command: ["-c", "max_connections=$' + '{MAX:-300}"]\n', '"$$PGDATA/replica" -c max_connections=$' + '{MAX:-300}\n'],
    ['networks', '    networks:\n      - back\n', '    networks:\n      - back\n    restart: unless-stopped\n'],
    ['a profile', '    profiles: [full]\n', '    profiles: [full]\n    restart: unless-stopped\n'],
  ])('%s', async (_says, more, wanted) => {
    const made = (await run(more)) as Files;
    const [, own = ''] = /\n {2}db-replica:\n([\s\S]*)$/.exec(made['docker-compose.yml'] ?? '') ?? [];
    expect(own).toContain(wanted);
  });

  it.each<[string, string, RegExp, string?]>([
    ['a file of settings', '    command: postgres -c config_file=/etc/postgresql.conf\n', /flags that may not suit a replica/],
    ['quotes', '    command: postgres -c "log_line_prefix=%m "\n', /flags that may not suit a replica/],
    ['a program of its own', '    command: ./start.sh\n', /flags that may not suit a replica/],
    ['another port', '    command: postgres -c port=5433\n', /no usual replica can follow/],
    ['nobody may follow', '    command: postgres -c wal_level=minimal -c max_wal_senders=0\n', /no usual replica can follow/],
    ["the host's own network", '    network_mode: host\n', /two servers would want one port/],
    ['an address of its own', '    networks:\n      back:\n        ipv4_address: 10.0.0.5\n', /aliases or fixed addresses/],
    ['a server that is too old', '', /does not allow replication/, 'postgres:9.6-alpine'],
    ['an image that nobody knows', '', /no edit for replicas of/, 'acme/postgres:16'],
  ])('refuses %s', async (_says, more, why, image) => expect(await run(more, image)).toEqual({ cannot: expect.stringMatching(why) }));

  it('gives the script lines that a shell reads, whatever the compose file has', async () => {
    const made = (await run('', undefined, '\r\n')) as Files;
    expect(made['docker-compose.yml']).toMatch(/db-replica:\r\n/);
    expect(made['allow-replication.sh']).not.toContain('\r');
  });
});
