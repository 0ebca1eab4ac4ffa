/** Packages and images that recipes add, as their registries had them on the day of `asOf`. `node test/recipes/versions.ts` writes this file. */
export const VERSIONS = {
  asOf: '2026-11-21',
  packages: {
    '@types/bcrypt': '^6.0.0',
    bcrypt: '^6.0.0',
    bullmq: '^6.7.0',
    ioredis: '^6.0.0',
    kafkajs: '^2.2.4',
    'lru-cache': '^11.5.3',
  },
  images: {
    kafka: 'apache/kafka:3.9.1',
    pgbouncer: 'edoburu/pgbouncer:v1.24.1-p1',
    redis: 'redis:8-alpine',
  },
} as const;
export type PackageName = keyof typeof VERSIONS.packages;

/** What package.json says of these packages. */
export const rangesOf = (names: readonly PackageName[]): Readonly<Record<string, string>> => Object.fromEntries(names.map((it) => [it, VERSIONS.packages[it]]));
