import { LAB_SLOTS, type LabChoice, type LabDesign, type LabSlot } from '../model/lab-items.ts';
import { type Choices, DEFAULT_CHOICES } from './grammar.ts';
import { planOf, type ScaffoldPlan } from './plan.ts';

/** What each item asks of the generator. */
const ASKS: { readonly [Slot in LabSlot]: Readonly<Record<LabDesign[Slot], Partial<Choices>>> } = {
  gateway: {
    Nginx: { apiGateway: 'Nginx' },
    Kong: { apiGateway: 'Kong (DB-less)' },
    'No Gateway': { apiGateway: 'None' },
  },
  app: {
    'MVC Node': { architecture: 'MVC', language: 'JavaScript' },
    'Clean Node': { architecture: 'Clean Architecture', language: 'TypeScript' },
  },
  queue: {
    'REST API': { communication: 'REST APIs' },
    'Kafka Bus': { communication: 'Kafka' },
    BullMQ: { communication: 'REST APIs', backgroundJobs: true },
  },
  database: {
    PostgreSQL: { database: 'PostgreSQL' },
    MongoDB: { database: 'MongoDB' },
    MySQL: { database: 'MySQL' },
  },
  cache: {
    Redis: { caching: 'Redis' },
    Memory: { caching: 'Memory Cache' },
    'No Cache': { caching: 'None' },
  },
  ci: {
    'GitHub Action': { ciProvider: 'GitHub Actions', includeSecurity: true },
    'GitLab CI': { ciProvider: 'GitLab CI', includeSecurity: true },
    Bitbucket: { ciProvider: 'Bitbucket Pipelines', includeSecurity: true },
    CircleCI: { ciProvider: 'CircleCI', includeSecurity: true },
    Jenkins: { ciProvider: 'Jenkins', includeSecurity: true },
    'No CI/CD': { ciProvider: 'None' },
  },
  cloud: {
    'AWS Prod': { terraform: 'Production', cloudProvider: 'AWS' },
    'GCP Prod': { terraform: 'Production', cloudProvider: 'GCP' },
    'No Cloud': { terraform: 'None' },
  },
};

const WITHOUT_REDIS = { cannot: 'BullMQ requires Redis: choose Redis as the cache.' };

/** What chosen items ask of the generator, all together. */
const asked = (chosen: LabChoice): Partial<Choices> =>
  LAB_SLOTS.reduce<Partial<Choices>>((all, slot) => {
    const item = chosen[slot];
    return item === undefined ? all : Object.assign(all, (ASKS[slot] as Readonly<Record<string, Partial<Choices>>>)[item]);
  }, {});

/** The command for a filled lab line. Unlike the lab's own command it carries the gateway, and it asks nothing. */
export function labPlan(design: LabDesign, projectName = 'factory-backend'): ScaffoldPlan {
  if (design.queue === 'BullMQ' && design.cache !== 'Redis') return WITHOUT_REDIS;
  return planOf({ ...DEFAULT_CHOICES, projectName, databaseName: 'factory_db', ...asked(design) });
}

/**
 * What some chosen items ask for in place of what a topology has.
 * `cannot` where BullMQ would stand without the Redis that keeps its jobs: the generator would put one there without a word.
 */
export function labChoices(chosen: LabChoice, found: Pick<Choices, 'caching'> | undefined): Partial<Choices> | { cannot: string } {
  const wanted = asked(chosen);
  if (chosen.queue === 'BullMQ' && (wanted.caching ?? found?.caching) !== 'Redis') return WITHOUT_REDIS;
  // Who asks for no queue of jobs wants none.
  return chosen.queue !== undefined && chosen.queue !== 'BullMQ' ? { ...wanted, backgroundJobs: false } : wanted;
}
