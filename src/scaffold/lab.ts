import { type Choices, DEFAULT_CHOICES } from './grammar.ts';
import { planOf, type ScaffoldPlan } from './plan.ts';

/** The inventory of the simulation lab: one item per slot, and what each item asks of the generator. */
export const LAB_SLOTS = {
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
} as const satisfies Record<string, Record<string, Partial<Choices>>>;

type Slots = typeof LAB_SLOTS;
export type LabDesign = { [Slot in keyof Slots]: keyof Slots[Slot] };

/** The command for a filled lab line. Unlike the lab's own command it carries the gateway, and it asks nothing. */
export function labPlan(design: LabDesign, projectName = 'factory-backend'): ScaffoldPlan {
  if (design.queue === 'BullMQ' && design.cache !== 'Redis') return { cannot: 'BullMQ requires Redis: place Redis in the cache slot.' };
  return planOf({
    ...DEFAULT_CHOICES,
    projectName,
    databaseName: 'factory_db',
    ...LAB_SLOTS.gateway[design.gateway],
    ...LAB_SLOTS.app[design.app],
    ...LAB_SLOTS.queue[design.queue],
    ...LAB_SLOTS.database[design.database],
    ...LAB_SLOTS.cache[design.cache],
    ...LAB_SLOTS.ci[design.ci],
    ...LAB_SLOTS.cloud[design.cloud],
  });
}
