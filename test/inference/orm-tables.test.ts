import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { topologyOf } from './memory-workspace.ts';

type Files = Readonly<Record<string, string>>;
const app = (packages: Readonly<Record<string, string>>, files: Files): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts' }, dependencies: { express: '4', pg: '8', ...packages } }),
  ...files,
});
const words = ({ tables = [] }: Topology): string[] =>
  tables.map(
    (it) =>
      `${it.name}=${it.model ?? ''}(${it.columns.map((one) => one.name + (one.field ? `=${one.field}` : '') + (one.isNarrow ? '?' : '')).join(' ')})${it.isWhole ? '' : ' perhaps'} ${it.indexes
        .map((one) => `${one.kind}:${one.columns.join(',') || 'expression'}${one.isPartial ? '?' : ''}`)
        .join(' ')}${it.foreignKeys.map((key) => ` ${key.columns.join()}→${key.table}`).join('')}`,
  );

const ENTITIES = `import { Column, CreateDateColumn, Entity, Index, JoinColumn, ManyToOne, OneToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
@Entity()
export class Customer { @PrimaryGeneratedColumn() id: number; @Column({ unique: true }) email: string; }
@Entity('orders')
@Index(['customer', 'createdAt'])
@Unique('one_code', ['code', 'state'])
export class OrderItem {
  @PrimaryGeneratedColumn() id: number;
  @Column({ name: 'order_code' }) code: string;
  @Column({ type: 'enum', enum: ['a', 'b'] }) state: string;
  @Index() @Column() shelf: string;
  @Column('varchar') note: string;
  @ManyToOne(() => Customer) customer: Customer;
  @OneToOne(() => Customer) @JoinColumn({ name: 'payer_id' }) payer: Customer;
  @CreateDateColumn() createdAt: Date;
}
`;
const typeorm = (options: string, files: Files = {}, entities = ENTITIES, more = ''): Record<string, string> =>
  app(
    { typeorm: '0.3' },
    {
      'src/entities.ts': entities,
      'src/server.ts': `import express from 'express';
import { DataSource } from 'typeorm';
import { OrderItem } from './entities.ts';
${more}
const db = new DataSource({ type: 'postgres', host: 'db', ${options}entities: [OrderItem] });
const app = express();
app.get('/orders', async (req, res) => res.json(await db.getRepository(OrderItem).findBy({ note: req.query.note })));
app.listen(3000);
`,
      ...files,
    },
  );
const SAID = 'orders=OrderItem(id order_code=code state? shelf note customerId payer_id createdAt)';
const INDEXES = 'primary:id plain:shelf unique:payer_id plain:customerId,createdAt unique:order_code,state customerId→Customer payer_id→Customer';
/** A migration of TypeORM. */
const migration = (up: string): Files => ({
  'src/migrations/1-orders.ts': `import { Table, TableColumn, TableForeignKey, TableIndex } from 'typeorm';
export class Orders1 {
  async up(queryRunner) {
    await queryRunner.createTable(new Table({ name: 'orders', columns: [{ name: 'id', type: 'int', isPrimary: true }, { name: 'order_code', type: 'text' }, { name: 'note', type: 'text' }] }), true);
${up}
  }
  async down(queryRunner) {
    await queryRunner.dropTable('orders');
  }
}
`,
});

describe('entities of TypeORM', () => {
  it.each<[string, Record<string, string>, string]>([
    ['where it makes the tables itself they are all there is', typeorm('synchronize: true, '), `${SAID} ${INDEXES}`],
    ['where somebody else does there may be more', typeorm(''), `${SAID} perhaps ${INDEXES}`],
    ['where migrations do, too', typeorm('synchronize: true, ', { 'src/migrations/1.ts': 'export const up = 1;' }), `${SAID} perhaps ${INDEXES}`],
    [
      'migrations by calls are the last word, in the names of the code',
      typeorm(
        '',
        migration("    await queryRunner.createIndex('orders', new TableIndex({ name: 'by_note', columnNames: ['note', 'id'] }));"),
        `import { Column, Entity, PrimaryColumn } from 'typeorm';
@Entity('orders')
export class OrderItem { @PrimaryColumn() id: number; @Column({ name: 'order_code' }) code: string; @Column() note: string; }
`,
      ),
      'orders=OrderItem(id order_code=code note) primary:id plain:note,id',
    ],
    [
      'a strategy of small letters',
      typeorm(
        'synchronize: true, namingStrategy: new SnakeNamingStrategy(), ',
        {},
        `import { Column, Entity, ManyToOne, PrimaryColumn } from 'typeorm';
@Entity()
export class OrderItem { @PrimaryColumn() id: number; @Column() isOpen: boolean; @ManyToOne(() => OrderItem) before: OrderItem; }
`,
        'class SnakeNamingStrategy {}',
      ),
      'order_item=OrderItem(id is_open=isOpen before_id) primary:id before_id→OrderItem',
    ],
    [
      'a schema instead of a class',
      typeorm(
        'synchronize: true, ',
        {},
        `import { EntitySchema } from 'typeorm';
export const OrderItem = new EntitySchema({ name: 'OrderItem', tableName: 'orders', columns: { id: { type: 'int', primary: true }, code: { type: 'text', unique: true, name: 'order_code' }, note: { type: 'text' } }, indices: [{ columns: ['note', 'code'] }] });
`,
      ),
      'orders=OrderItem(id order_code=code note) primary:id unique:order_code plain:note,order_code',
    ],
  ])('%s', async (_says, files, expected) => expect(words(await topologyOf(files))).toEqual([expected]));

  it('a strategy of its own may call them anything', async () =>
    expect(words(await topologyOf(typeorm('synchronize: true, namingStrategy: new Mine(), ', {}, ENTITIES, 'class Mine {}')))).toEqual([]));
});

describe('migrations of TypeORM by calls', () => {
  it.each<[string, string, string]>([
    [
      'a column, unique',
      "await queryRunner.addColumn('orders', new TableColumn({ name: 'tag', type: 'text', isUnique: true }));",
      '(id order_code=code note tag) primary:id unique:tag',
    ],
    ['a column that goes', "await queryRunner.dropColumn('orders', 'note');", '(id order_code=code) primary:id'],
    ['a column that is renamed', "await queryRunner.renameColumn('orders', 'note', 'text');", '(id order_code=code text) primary:id'],
    [
      'a foreign key',
      "await queryRunner.createForeignKey('orders', new TableForeignKey({ columnNames: ['note'], referencedColumnNames: ['id'], referencedTableName: 'notes' }));",
      '(id order_code=code note) primary:id note→notes',
    ],
    ['SQL beside them', "await queryRunner.query('CREATE INDEX by_note ON orders (note)');", '(id order_code=code note) primary:id plain:note'],
    ['rows alone', "await queryRunner.query('UPDATE orders SET note = 1');\n    await queryRunner.manager.save({});", '(id order_code=code note) primary:id'],
    [
      'an index of some rows',
      "await queryRunner.createIndex('orders', new TableIndex({ columnNames: ['note'], where: 'id > 3' }));",
      '(id order_code=code note) primary:id plain:note?',
    ],
    [
      'what is done on one side of a test',
      "if (big) await queryRunner.createIndex('orders', new TableIndex({ columnNames: ['note'] }));",
      '(id order_code=code note) perhaps primary:id',
    ],
    ['what another function does with it', 'await addIndexes(queryRunner);', '(id order_code=code note) perhaps primary:id'],
    ['a table whose name is not written', 'await queryRunner.createIndex(name, new TableIndex({ columnNames: [1] }));', '(id order_code=code note) perhaps primary:id'],
  ])('%s', async (_says, up, expected) => {
    const entities = `import { Column, Entity, PrimaryColumn } from 'typeorm';\n@Entity('orders')\nexport class OrderItem { @PrimaryColumn() id: number; @Column({ name: 'order_code' }) code: string; }\n`;
    expect(words(await topologyOf(typeorm('', migration(`    ${up}`), entities)))).toEqual([`orders=OrderItem${expected}`]);
  });
});

const sequelize = (model: string, files: Files = {}): Record<string, string> =>
  app(
    { sequelize: '6' },
    {
      'src/db.ts': `import { DataTypes, Model, Sequelize } from 'sequelize';\nexport const sequelize = new Sequelize('shop', '', '', { dialect: 'postgres', host: 'db' });\n${model}\n`,
      'src/server.ts': `import express from 'express';
import { Order } from './db.ts';
const app = express();
app.get('/orders', async (req, res) => res.json(await Order.findAll({ where: { note: req.query.note } })));
app.listen(3000);
`,
      ...files,
    },
  );
const defined = (attributes: string, options = '{}', after = ''): string => `export const Order = sequelize.define('Order', ${attributes}, ${options});\n${after}`;
const up = (body: string): Files => ({
  'migrations/1-orders.js': `module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.createTable('Orders', { id: { type: Sequelize.INTEGER, primaryKey: true }, note: Sequelize.STRING, customerId: { type: Sequelize.INTEGER, references: { model: 'Customers', key: 'id' } } });
    ${body}
  },
  down: (queryInterface) => queryInterface.dropTable('Orders'),
};
`,
});

describe('models of Sequelize', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'columns, unique keys and indexes of a model that makes its table',
      sequelize(
        defined(
          "{ note: { type: DataTypes.STRING(80), unique: true }, kind: DataTypes.ENUM('a', 'b'), at: DataTypes.DATE }",
          "{ indexes: [{ fields: ['kind', { name: 'at', order: 'DESC' }] }] }",
          'await sequelize.sync();',
        ),
      ),
      'Orders=Order(note kind? at id createdAt updatedAt) unique:note primary:id plain:kind,at',
    ],
    ['without that there may be more', sequelize(defined('{ note: DataTypes.STRING }', '{ timestamps: false }')), 'Orders=Order(note id) perhaps primary:id'],
    [
      'a class, names of the database, a key of two columns',
      sequelize(
        "export class Order extends Model {}\nOrder.init({ code: { type: DataTypes.UUID, primaryKey: true }, a: { type: DataTypes.INTEGER, unique: 'ab' }, bNumber: { type: DataTypes.INTEGER, unique: 'ab' } }, { sequelize, tableName: 'all_orders', underscored: true, timestamps: false });\nawait sequelize.sync();",
      ),
      'all_orders=Order(code a b_number=bNumber) primary:code unique:a,b_number',
    ],
    [
      'an index that cannot be read may be over anything',
      sequelize(defined('{ note: DataTypes.STRING }', '{ timestamps: false, indexes: [{ fields: [which] }] }', 'await sequelize.sync();')),
      'Orders=Order(note id) primary:id plain:expression',
    ],
    [
      'migrations are the last word',
      sequelize(defined('{ note: DataTypes.STRING, customerId: DataTypes.INTEGER }'), up("await queryInterface.addIndex('Orders', ['note', 'id'], { unique: true });")),
      'Orders=Order(id note customerId) primary:id unique:note,id customerId→Customers',
    ],
  ])('%s', async (_says, files, expected) => expect(words(await topologyOf(files))).toEqual([expected]));

  it('attributes that cannot all be read declare nothing', async () => expect(words(await topologyOf(sequelize(defined('{ note: DataTypes.STRING, ...more }'))))).toEqual([]));
});

describe('migrations of Sequelize', () => {
  it.each<[string, string, string]>([
    [
      'a column with a key',
      "await queryInterface.addColumn('Orders', 'code', { type: Sequelize.STRING, unique: true });",
      '(id note customerId code) primary:id unique:code customerId→Customers',
    ],
    [
      'an index by its options',
      "await queryInterface.addIndex('Orders', { fields: ['note'], where: { id: 1 } });",
      '(id note customerId) primary:id plain:note? customerId→Customers',
    ],
    [
      'an index that goes, by its columns',
      "await queryInterface.addIndex('Orders', ['note']);\n    await queryInterface.removeIndex('Orders', ['note']);",
      '(id note customerId) primary:id customerId→Customers',
    ],
    [
      'a unique key',
      "await queryInterface.addConstraint('Orders', { fields: ['note'], type: 'unique', name: 'one' });",
      '(id note customerId) primary:id unique:note customerId→Customers',
    ],
    [
      'inside a transaction',
      "await queryInterface.sequelize.transaction(async (transaction) => { await queryInterface.addIndex('Orders', ['note'], { transaction }); });",
      '(id note customerId) primary:id plain:note customerId→Customers',
    ],
    ['for each of a list', "for (const it of ['a']) await queryInterface.addIndex('Orders', [it]);", '(id note customerId) perhaps primary:id customerId→Customers'],
    ['SQL of a variable', 'await queryInterface.sequelize.query(sql);', '(id note customerId) perhaps primary:id customerId→Customers'],
    [
      'SQL of a constant',
      'const sql = \'CREATE INDEX by_note ON "Orders" (note)\';\n    await queryInterface.sequelize.query(sql);',
      '(id note customerId) primary:id plain:note customerId→Customers',
    ],
  ])('%s', async (_says, body, expected) => expect(words(await topologyOf(sequelize(defined('{ note: DataTypes.STRING }'), up(body))))).toEqual([`Orders=Order${expected}`]));
});
