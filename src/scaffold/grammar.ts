export const SCAFFOLD_PACKAGE = 'nodejs-quickstart-structure';
/** Pinned: later versions have added prompts that make an unattended run cancel itself with exit code 0. */
export const SCAFFOLD_VERSION = '2.9.5';
/** Oldest Node that the generator's own dependencies support. */
export const SCAFFOLD_NODE = '22.12';

/** Everything that the generator can be asked for. Values are spelled exactly as it wants them: it takes any other text without complaint and makes a wrong project. */
export interface Choices {
  projectName: string;
  language: 'JavaScript' | 'TypeScript';
  architecture: 'MVC' | 'Clean Architecture';
  viewEngine: 'None' | 'EJS' | 'Pug';
  database: 'None' | 'MySQL' | 'PostgreSQL' | 'MongoDB';
  databaseName: string;
  communication: 'REST APIs' | 'GraphQL' | 'Kafka';
  caching: 'None' | 'Redis' | 'Memory Cache';
  ciProvider: 'None' | 'GitHub Actions' | 'Jenkins' | 'GitLab CI' | 'CircleCI' | 'Bitbucket Pipelines';
  includeSecurity: boolean;
  auth: 'None' | 'JWT';
  socialAuth: readonly ('Google' | 'GitHub')[];
  terraform: 'None' | 'Standard' | 'Production';
  cloudProvider: 'AWS' | 'GCP' | 'Azure';
  resilience: readonly ('Timeout' | 'Retry' | 'CircuitBreaker')[];
  withElk: boolean;
  backgroundJobs: boolean;
  apiGateway: 'None' | 'Nginx' | 'Kong (DB-less)';
}

export type ChoiceName = keyof Choices;

/** How one choice becomes arguments. `when`: left out otherwise, because the generator then neither asks for it nor reads it. */
export type Option = { choice: ChoiceName; flag: string; when?: (choices: Choices) => boolean } & (
  | { kind: 'name'; pattern: RegExp; maxLength: number }
  | { kind: 'oneOf'; values: readonly string[] }
  /** Each value is an argument of its own; commas would not split everywhere. `none` stands for the empty list. */
  | { kind: 'anyOf'; values: readonly string[]; none: string | null }
  | { kind: 'boolean' }
  /** Answered by a second flag: `--use-api-gateway No`, or `Yes` followed by the kind. */
  | { kind: 'gateway'; useFlag: string; values: readonly string[] }
);

/** A name that is a valid folder, a valid npm package name and safe in every shell. The generator does not check names itself. */
const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;
const DATABASE_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** Options in the order in which the command prints them. */
export const OPTIONS: readonly Option[] = [
  { choice: 'projectName', flag: '-n', kind: 'name', pattern: NAME, maxLength: 60 },
  { choice: 'language', flag: '-l', kind: 'oneOf', values: ['JavaScript', 'TypeScript'] },
  { choice: 'architecture', flag: '-a', kind: 'oneOf', values: ['MVC', 'Clean Architecture'] },
  { choice: 'viewEngine', flag: '--view-engine', kind: 'oneOf', values: ['None', 'EJS', 'Pug'], when: (it) => it.architecture === 'MVC' },
  { choice: 'database', flag: '-d', kind: 'oneOf', values: ['None', 'MySQL', 'PostgreSQL', 'MongoDB'] },
  { choice: 'databaseName', flag: '--db-name', kind: 'name', pattern: DATABASE_NAME, maxLength: 48, when: (it) => it.database !== 'None' },
  { choice: 'communication', flag: '-c', kind: 'oneOf', values: ['REST APIs', 'GraphQL', 'Kafka'] },
  { choice: 'caching', flag: '--caching', kind: 'oneOf', values: ['None', 'Redis', 'Memory Cache'] },
  { choice: 'ciProvider', flag: '--ci-provider', kind: 'oneOf', values: ['None', 'GitHub Actions', 'Jenkins', 'GitLab CI', 'CircleCI', 'Bitbucket Pipelines'] },
  { choice: 'includeSecurity', flag: '--include-security', kind: 'boolean', when: (it) => it.ciProvider !== 'None' },
  { choice: 'auth', flag: '--auth', kind: 'oneOf', values: ['None', 'JWT'] },
  { choice: 'socialAuth', flag: '--social-auth', kind: 'anyOf', values: ['Google', 'GitHub'], none: null, when: (it) => it.auth === 'JWT' },
  { choice: 'terraform', flag: '--terraform', kind: 'oneOf', values: ['None', 'Standard', 'Production'] },
  { choice: 'cloudProvider', flag: '--cloud-provider', kind: 'oneOf', values: ['AWS', 'GCP', 'Azure'], when: (it) => it.terraform !== 'None' },
  { choice: 'resilience', flag: '--resilience', kind: 'anyOf', values: ['Timeout', 'Retry', 'CircuitBreaker'], none: 'None' },
  { choice: 'withElk', flag: '--with-elk', kind: 'boolean' },
  { choice: 'backgroundJobs', flag: '--background-jobs', kind: 'boolean' },
  { choice: 'apiGateway', flag: '--api-gateway', kind: 'gateway', useFlag: '--use-api-gateway', values: ['Nginx', 'Kong (DB-less)'] },
];

/** What the generator answers to each prompt when nobody says anything else. */
export const DEFAULT_CHOICES: Choices = {
  projectName: 'nodejs-service',
  language: 'TypeScript',
  architecture: 'MVC',
  viewEngine: 'None',
  database: 'None',
  databaseName: 'demo',
  communication: 'REST APIs',
  caching: 'None',
  ciProvider: 'None',
  includeSecurity: false,
  auth: 'None',
  socialAuth: [],
  terraform: 'None',
  cloudProvider: 'AWS',
  resilience: [],
  withElk: false,
  backgroundJobs: false,
  apiGateway: 'None',
};

/** What one choice does to another inside the generator, without a word. Applied in this order. */
export interface Implication {
  id: string;
  when(choices: Choices): boolean;
  sets: Partial<Choices>;
  says: string;
}

export const IMPLICATIONS: readonly Implication[] = [
  {
    id: 'background-jobs-need-redis',
    when: (it) => it.backgroundJobs && it.caching !== 'Redis',
    sets: { caching: 'Redis' },
    says: 'Background jobs run on BullMQ, which needs Redis: Redis is included.',
  },
  {
    id: 'kafka-drops-gateway',
    when: (it) => it.communication === 'Kafka' && it.apiGateway !== 'None',
    sets: { apiGateway: 'None' },
    says: 'With Kafka the generator makes no API gateway.',
  },
  {
    id: 'views-need-mvc',
    when: (it) => it.architecture !== 'MVC' && it.viewEngine !== 'None',
    sets: { viewEngine: 'None' },
    says: 'Views are only generated for MVC.',
  },
  {
    id: 'social-login-needs-jwt',
    when: (it) => it.auth !== 'JWT' && it.socialAuth.length > 0,
    sets: { socialAuth: [] },
    says: 'Social login is only generated together with JWT.',
  },
];
