// A handler that does a fixed amount of work on the event loop. argv: port, processes (1: no cluster), rounds of work.
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const [port, processes, rounds] = process.argv.slice(2).map(Number);
const block = Buffer.alloc(4096, 'x');

/** Work is counted, not timed: a time would run on while another process has the core. It leaves no garbage: what a collector takes is not part of this system. */
function work() {
  const hash = createHash('sha256');
  for (let round = 0; round < rounds; round++) hash.update(block);
  return hash.digest()[0];
}

function serve() {
  const server = createServer((req, res) => {
    const body = req.url === '/ping' ? 'pong' : String(work());
    res.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
    res.end(body);
  });
  server.keepAliveTimeout = 120_000;
  server.listen(port, '127.0.0.1', 4096, () => process.send?.('ready'));
}

if (processes === 1) serve();
else if (cluster.isPrimary) {
  let waiting = processes;
  cluster.on('message', (_worker, said) => {
    if (said === 'ready' && --waiting === 0) process.send?.('ready');
  });
  for (let at = 0; at < processes; at++) cluster.fork();
} else {
  // The primary is gone: the run is over.
  cluster.worker?.on('error', () => process.exit());
  serve();
}
