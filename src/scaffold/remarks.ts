import { type Known, valueIn } from '../model/known.ts';
import { activeDeployment, type Component, type Topology } from '../model/topology.ts';
import { channelBecomes, databaseOf, gatewayOf, isNativeChannel, nodeServices, type Part } from './choose.ts';
import { type Choices, SCAFFOLD_NODE } from './grammar.ts';

/** What the topology has and no option can ask for, as follow-up work on the generated project. */
export function notExpressible(topology: Topology, part: Part, choices: Choices): string[] {
  const extension = choices.language === 'TypeScript' ? 'ts' : 'js';
  const said: string[] = [];
  const group = new Set([part.service, ...part.workers].map((it) => it.id));

  for (const it of nodeServices(topology)) if (!group.has(it.id)) said.push(`service ${label(it.name)}: a project of its own, run the generator once more`);
  for (const it of topology.components) {
    if (it.scope === 'dev' || group.has(it.id)) continue;
    if (it.kind === 'worker') said.push(`worker ${label(it.name)}: a process of its own`);
    if (it.kind === 'frontend' || it.kind === 'scheduler') said.push(`${it.kind} ${label(it.name)}`);
    if (it.kind === 'search' || it.kind === 'object-store') said.push(`${it.kind} ${label(it.name)}`);
    if (it.kind === 'external-api') said.push(`calls to ${label(it.name)}`);
    if (isPgBouncer(it)) said.push(`PgBouncer ${label(it.name)}: a compose service and the database host in .env`);
    if (it.kind === 'gateway' && gatewayOf(it) === 'None' && !isPgBouncer(it))
      said.push(`gateway ${label(it.name)} (${label(it.engine ?? it.technology)}): the generator has Nginx and Kong`);
    if (it.kind === 'cache' && /memcached/.test(it.engine ?? '')) said.push(`cache ${label(it.name)} (memcached): the generator has Redis and a memory cache`);
  }

  for (const it of part.databases) {
    const made = databaseOf(it);
    if (made === undefined) said.push(`database ${label(it.name)} (${label(it.engine ?? it.technology)}): the generator has PostgreSQL, MySQL and MongoDB`);
    else if (made !== choices.database || it !== part.databases.find((other) => databaseOf(other) === choices.database)) said.push(`second database ${label(it.name)}`);
    else if (it.engine === 'mariadb') said.push(`MariaDB: generated as MySQL 8, change the image`);
  }
  for (const it of part.channels) {
    if (isNativeChannel(topology, it)) continue;
    const made = channelBecomes(topology, it) === 'kafka' ? 'Kafka' : 'BullMQ background jobs';
    said.push(`${it.kind} ${label(it.name)} on ${label(it.library)}: generated as ${made}, move it by hand`);
  }
  for (const it of part.workers) if (it.runsIn === undefined) said.push(`worker ${label(it.name)} as a process of its own: the generated worker runs inside the web process`);

  for (const it of [part.service, ...part.workers]) {
    const replicas = written(it.replicas);
    if (replicas !== undefined && replicas > 1) said.push(`${replicas} replicas of ${label(it.name)}: set them where it is deployed`);
    const processes = written(it.processes);
    if (processes !== undefined && processes > 1) said.push(`${processes} processes of ${label(it.name)}: instances in ecosystem.config.js`);
  }
  for (const it of topology.pools) {
    if (!group.has(it.client) || it.multiplexed) continue;
    const max = written(it.max);
    const file = choices.architecture === 'MVC' ? `src/config/database.${extension}` : `src/infrastructure/database/database.${extension}`;
    const option = choices.database === 'MongoDB' ? (value: number) => `maxPoolSize: ${value}` : (value: number) => `pool: { max: ${value} }`;
    if (max !== undefined && choices.database !== 'None') said.push(`pool of ${max} connections (${label(it.id)}): ${option(max)} in ${file}`);
    const acquire = written(it.acquireTimeoutMs);
    if (acquire !== undefined && choices.database !== 'None') said.push(`acquire timeout of ${acquire} ms (${label(it.id)}) in ${file}`);
  }
  for (const channel of part.channels)
    for (const consumer of channel.consumers) {
      const concurrency = written(consumer.concurrency);
      if (concurrency !== undefined && concurrency !== 1)
        said.push(`concurrency ${concurrency} of ${label(consumer.component)} on ${label(channel.name)}: an option of the generated worker`);
    }
  for (const it of topology.rateLimiters) if (group.has(it.component)) said.push(`rate limit of ${label(it.component)}`);
  if (activeDeployment(topology)?.source === 'kubernetes') said.push('Kubernetes: the generator makes a compose file only');
  return [...new Set(said)];
}

/** What a reader should know before running the command: what it makes may be less than its name says. */
export function noticesFor(choices: Choices): string[] {
  const said = [`The generator needs Node.js ${SCAFFOLD_NODE} or later.`];
  if (choices.language === 'TypeScript' && choices.architecture === 'Clean Architecture')
    said.push('Clean Architecture in TypeScript comes out broken on case-sensitive file systems (Linux): UserRepository.ts is never written. MVC or JavaScript works.');
  if (choices.backgroundJobs) said.push('BullMQ is set up, but nothing on the generated write path enqueues, and its worker runs inside the web process, one job at a time.');
  if (choices.communication === 'Kafka')
    said.push('The generated Kafka handler writes the database first and then waits for the broker: writes stay synchronous. The generator makes no gateway with Kafka.');
  if (choices.database === 'PostgreSQL' || choices.database === 'MySQL') said.push('The generated database client has the default pool of 5 connections per process.');
  if (choices.caching === 'Redis') said.push('The generated cache serves reads only.');
  if (choices.resilience.length > 0) said.push('Timeout, retry and circuit breaker are generated as helpers that nothing calls yet.');
  if (choices.terraform !== 'None' && choices.database === 'MongoDB') said.push('Terraform gets a MySQL database for MongoDB.');
  if (choices.terraform !== 'None' && (choices.communication === 'Kafka' || choices.withElk)) said.push('Terraform contains neither Kafka nor ELK.');
  if (choices.apiGateway === 'Nginx') said.push('The generated Nginx lets 10 requests a second per client address pass.');
  if (choices.apiGateway === 'Kong (DB-less)') said.push('The generated Kong lets 600 requests a minute pass and asks for an API key.');
  return said;
}

const isPgBouncer = (it: Component): boolean => /pgbouncer/i.test(`${it.engine ?? ''} ${it.technology}`);

/** Only what somebody wrote or tried out; a library's default needs no follow-up. */
const written = (it: Known): number | undefined => (it.state === 'known' && ['override', 'measured', 'declared'].includes(it.basis) ? valueIn(it) : undefined);

/** Names come from files that anybody may have written: one line, no control characters, not endless. */
const label = (text: string): string => {
  const plain = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return plain.length > 60 ? `${plain.slice(0, 59)}…` : plain || '(no name)';
};
