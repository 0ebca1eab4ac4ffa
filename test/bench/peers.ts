import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Thousands of M/M/1 customers and of requests through the network of eight, a second of processor time. */
export interface PeerSpeed {
  mm1: number;
  eight: number;
}

export interface Peer {
  name: string;
  /** Why there is no speed, or null. */
  missing: string | null;
  speed: PeerSpeed | null;
}

const CUSTOMERS = 20_000;
const REQUESTS = 5_000;

/** The distribution's interpreters, for its packages are theirs. */
const PEERS = [
  { name: 'SimPy', command: '/usr/bin/python3', script: 'peers/simpy_networks.py', install: 'apt-get install python3-simpy3 (python3-simpy where that is version 3 or later)' },
  { name: 'simmer', command: '/usr/bin/Rscript', script: 'peers/simmer_networks.R', install: 'apt-get install r-cran-simmer, or install.packages("simmer") in R' },
];

/** Other simulators on the same two networks, where they are installed. */
export const peers = (): Peer[] =>
  PEERS.map(({ name, command, script, install }) => {
    try {
      // Not beside this file, which is bundled elsewhere before it runs: npm starts in the project's folder.
      const path = resolve('test/bench', script);
      const lines = execFileSync(command, [path, String(CUSTOMERS), String(REQUESTS)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .trim()
        .split('\n');
      const [mm1 = 0, eight = 0] = lines.map((it) => Number.parseFloat(it));
      return { name, missing: null, speed: { mm1, eight } };
    } catch {
      return { name, missing: `not installed: ${install}`, speed: null };
    }
  });
