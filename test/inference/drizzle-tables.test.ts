import { expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { topologyOf } from './memory-workspace.ts';

const service = (packages: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) => ({
  'package.json': JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts' }, dependencies: { express: '4', ...packages } }),
  ...files,
});
const tablesOf = ({ tables = [] }: Topology): string[] =>
  tables.map(
    (it) =>
      `${it.name}(${it.columns.map((column) => column.name + (column.isNarrow ? '?' : '')).join(' ')}) ${it.indexes.map((index) => `${index.kind}:${index.columns.join(',') || 'expression'}${index.isPartial ? '?' : ''}`).join(' ')}`,
  );

const drizzle = (schema: string, body: string) =>
  service(
    { 'drizzle-orm': '0.38', pg: '8' },
    {
      'src/schema.ts': `import { boolean, foreignKey, index, integer, pgEnum, pgTable, primaryKey, serial, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';\n${schema}\n`,
      'src/server.ts': `import express from 'express';
import { drizzle } from 'drizzle-orm/node-postgres';
import { and, desc, eq, gt, or } from 'drizzle-orm';
import { Pool } from 'pg';
import { orders } from './schema.ts';

const db = drizzle(new Pool({ connectionString: 'postgres://db:5432/shop' }));
const app = express();
app.get('/orders', async (req, res) => {
  res.json(await ${body});
});
app.listen(3000);
`,
    },
  );
const ORDERS = `const state = pgEnum('state', ['open', 'paid']);
export const orders = pgTable('orders', {
  id: serial().primaryKey(),
  customerId: integer('customer_id').notNull(),
  code: text().unique(),
  state: state('state').notNull(),
  isGift: boolean('is_gift').default(false),
  at: timestamp('at').defaultNow(),
}, (table) => [index('by_customer').on(table.customerId, table.at.desc()), foreignKey({ columns: [table.customerId], foreignColumns: [table.id] })]);`;

it("knows Drizzle's tables, with their columns and indexes", async () => {
  const topology = await topologyOf(drizzle(ORDERS, 'db.select().from(orders)'));
  expect(tablesOf(topology)).toEqual(['orders(id customer_id code state? is_gift? at) primary:id unique:code plain:customer_id,at']);
});

it('takes no table of which an index or a column cannot be read', async () => {
  expect(tablesOf(await topologyOf(drizzle(ORDERS.replace("[index('by_customer')", "[...more, index('by_customer')"), 'db.select().from(orders)')))).toEqual([]);
  expect(tablesOf(await topologyOf(drizzle(ORDERS.replace('code: text().unique()', 'code: custom()'), 'db.select().from(orders)')))).toEqual([]);
});

it.each<[says: string, body: string, statement: object]>([
  [
    'conditions that all have to hold, in the names of the database',
    'db.select().from(orders).where(and(eq(orders.customerId, req.query.of), gt(orders.at, req.query.since), eq(orders.state, "open"))).limit(1)',
    {
      where: [
        { column: 'customer_id', by: 'equal', isConstant: false },
        { column: 'at', by: 'range', isConstant: false },
        { column: 'state', by: 'equal', isConstant: true },
      ],
      orderBy: [],
      limit: 'some',
    },
  ],
  ['an order', 'db.select().from(orders).orderBy(desc(orders.at)).limit(20)', { where: [], orderBy: ['at'], limit: 'some' }],
])('reads %s', async (_says, body, statement) => {
  const { endpoints } = await topologyOf(drizzle(ORDERS, body));
  const step = endpoints[0]?.steps.find((it) => it.kind === 'query');
  expect(step?.kind === 'query' && step.statement).toEqual({ table: 'orders', adds: false, ...statement });
});

it.each([
  ['one of several conditions', 'db.select().from(orders).where(or(eq(orders.code, req.query.a), eq(orders.id, req.query.b)))'],
  ['another table beside it', 'db.select().from(orders).innerJoin(orders, eq(orders.id, orders.customerId))'],
])('says nothing of the conditions where there is %s', async (_says, body) => {
  const { endpoints } = await topologyOf(drizzle(ORDERS, body));
  const step = endpoints[0]?.steps.find((it) => it.kind === 'query');
  expect(step?.kind === 'query' && step.statement?.where).toBeUndefined();
});
