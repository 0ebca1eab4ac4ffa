/** What can stand in each place of a project that the generator makes, by the names that people choose from. */
export const LAB_ITEMS = {
  gateway: ['Nginx', 'Kong', 'No Gateway'],
  app: ['MVC Node', 'Clean Node'],
  queue: ['REST API', 'Kafka Bus', 'BullMQ'],
  database: ['PostgreSQL', 'MongoDB', 'MySQL'],
  cache: ['Redis', 'Memory', 'No Cache'],
  ci: ['GitHub Action', 'GitLab CI', 'Bitbucket', 'CircleCI', 'Jenkins', 'No CI/CD'],
  cloud: ['AWS Prod', 'GCP Prod', 'No Cloud'],
} as const;

export type LabSlot = keyof typeof LAB_ITEMS;
/** One item for each place. */
export type LabDesign = { readonly [Slot in LabSlot]: (typeof LAB_ITEMS)[Slot][number] };
/** Items for some places; the others stay as the workspace has them. */
export type LabChoice = Partial<LabDesign>;

export const LAB_SLOTS = Object.keys(LAB_ITEMS) as readonly LabSlot[];

/** Whether something from outside is a choice: known places, and in each of them one of its items. */
export function isLabChoice(it: unknown): it is LabChoice {
  if (typeof it !== 'object' || it === null) return false;
  return Object.entries(it).every(([slot, item]) => slot in LAB_ITEMS && (LAB_ITEMS[slot as LabSlot] as readonly unknown[]).includes(item));
}
