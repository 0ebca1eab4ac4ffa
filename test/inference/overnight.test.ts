import { expect, it } from 'vitest';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

/** After the README of @overnightjs/core. */
const files = service(
  { '@overnightjs/core': '1', express: '4', pg: '8' },
  {
    'src/index.ts': `import { ExampleServer } from './ExampleServer'; const exampleServer = new ExampleServer(); exampleServer.start(3000);`,
    'src/ExampleServer.ts': `import * as bodyParser from 'body-parser'; import { Server } from '@overnightjs/core'; import { UserController, SignupController } from './controllers';
      export class ExampleServer extends Server {
        constructor() { super(process.env.NODE_ENV === 'development'); this.app.use(bodyParser.json()); this.setupControllers(); }
        private setupControllers(): void { const userController = new UserController(); const signupController = new SignupController(); super.addControllers([userController, signupController]); }
        public start(port: number): void { this.app.listen(port, () => {}); }
      }`,
    'src/db.ts': `import { Pool } from 'pg'; export const pool = new Pool({ host: 'db' }); export const ask = (table) => pool.query('SELECT * FROM ' + table);`,
    'src/controllers.ts': `import { Controller, Middleware, ClassMiddleware, Get, Post, Put, Delete, ChildControllers } from '@overnightjs/core'; import { pool } from './db';
      const check = async (req, res, next) => { await pool.query('SELECT * FROM sessions'); next(); }; const limit = async (req, res, next) => { await pool.query('SELECT * FROM limits'); next(); };
      @Controller('profile') export class ProfileController { @Get('photo') private async photo(req, res) { await pool.query('SELECT * FROM photos'); return res.status(200).json({}); } }
      @Controller('api/users') @ClassMiddleware([check]) @ChildControllers([new ProfileController()])
      export class UserController {
        @Get(':id') private async get(req, res) { await this.load(req.params.id); return res.status(200).json({}); }
        @Get('') @Middleware([limit]) private async getAll(req, res) { await pool.query('SELECT * FROM users'); return res.status(200).json([]); }
        @Put('update') private async update(req, res) { await pool.query('UPDATE users SET x = 1'); res.status(200).end(); }
        @Delete('delete/:id') private async remove(req, res) { await pool.query('DELETE FROM users'); res.status(200).end(); }
        private load(id) { return pool.query('SELECT * FROM users WHERE id = $1', [id]); }
      }
      @Controller('api/sign-up') export class SignupController { @Post() private async signUp(req, res) { await pool.query('INSERT INTO users VALUES (1)'); res.status(201).end(); } }`,
  },
);
const main = {
  ...files,
  'package.json': JSON.stringify({ name: 'app', main: 'src/index.ts', dependencies: { '@overnightjs/core': '1', express: '4', pg: '8', 'body-parser': '1' } }),
};

it('OvernightJS: controllers of a server with middleware of class and method, and children', async () => {
  const topology = await topologyOf(main);
  expect(topology.endpoints.map((one) => [one.id.replace('app ', ''), stepsOf(topology, one.id)])).toEqual([
    ['GET /api/users/:id', ['SELECT sessions', 'SELECT users']],
    ['GET /api/users', ['SELECT sessions', 'SELECT limits', 'SELECT users']],
    ['PUT /api/users/update', ['SELECT sessions', 'UPDATE users']],
    ['DELETE /api/users/delete/:id', ['SELECT sessions', 'DELETE users']],
    ['GET /api/users/profile/photo', ['SELECT sessions', 'SELECT photos']],
    ['POST /api/sign-up', ['INSERT users']],
  ]);
});
