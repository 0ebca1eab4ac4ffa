// Express in front of one pg pool; every query sleeps in the database. argv: port, database port, pool size, acquire timeout (0: none), seed of the random times.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(join(process.cwd(), 'package.json'));
const express = load('express');
const { Pool } = load('pg');
const [port, databasePort, max, connectionTimeoutMillis, user] = process.argv.slice(2);
const pool = new Pool({ host: '127.0.0.1', port: Number(databasePort), user, database: 'postgres', max: Number(max), connectionTimeoutMillis: Number(connectionTimeoutMillis) });
pool.on('error', () => {});

const app = express();
app.disable('x-powered-by');
const sleep = (client, seconds) => client.query('SELECT pg_sleep($1)', [seconds]);
const route = (path, handler) =>
  app.get(path, async (req, res) => {
    try {
      await handler(Number(req.query.ms) / 1000);
      res.json({ fine: true });
    } catch (error) {
      res.status(503).type('text').send(error.message);
    }
  });

route('/ping', async () => {});
route('/query', (seconds) => sleep(pool, seconds));
route('/random', (seconds) => sleep(pool, -Math.log(1 - Math.random()) * seconds));
route('/transaction', async (seconds) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await sleep(client, seconds);
    await sleep(client, seconds);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
});
// The fault that everybody writes once: a second connection of the pool inside a held one.
route('/nested', async (seconds) => {
  const client = await pool.connect();
  try {
    await sleep(client, seconds);
    await sleep(pool, seconds);
  } finally {
    client.release();
  }
});
// Express hands an error of listening (a port in use) to the same callback.
const server = app.listen(Number(port), '127.0.0.1', 4096, (error) => {
  if (error) throw error;
  process.send?.('ready');
});
// A client's idle connections are there when it needs them.
server.keepAliveTimeout = 120_000;
