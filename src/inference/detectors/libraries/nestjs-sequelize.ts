import { isCallable, propertyOf, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { itemsOf, keyOf, token } from './nestjs/tokens.ts';

/** @nestjs/sequelize: connections by name, models by their classes. */
export default {
  id: 'nestjs-sequelize',
  packages: ['@nestjs/sequelize'],
  call(it, run) {
    const [first, second] = it.args;
    const connection = (name: string, make: (inject: (token: Value) => Value) => Value): Value => {
      const byClass = name === '' ? ['sequelize Sequelize', 'sequelize-typescript Sequelize'] : [];
      const asked = token(run, it.place, `sequelize ${name}`);
      return libraryModule(it, run, {
        isGlobal: true,
        gives: [{ key: `sequelize ${name}`, make }, ...byClass.map((key) => ({ key, make: (inject: (token: Value) => Value) => inject(asked) }))],
      });
    };
    const of = (options: Value): Value => run.use('sequelize', 'Sequelize', [options], it.place, true);
    switch (it.name) {
      case 'SequelizeModule.forRoot':
        return connection(nameOf(propertyOf(first, 'name')), () => of(first ?? UNKNOWN));
      case 'SequelizeModule.forRootAsync':
        return connection(nameOf(propertyOf(first, 'name')), (inject) => of(asyncOptions(first, 'createSequelizeOptions', inject, run)));
      case 'SequelizeModule.forFeature':
        return libraryModule(it, run, {
          gives: itemsOf(first).map((model) => ({
            key: `sequelize model ${keyOf(model, run) ?? '*'}`,
            make: (inject) => {
              // A class asks its own connection, also where it is used without being injected.
              if (model.t === 'class') {
                run.put(model, 'sequelize', inject(token(run, it.place, `sequelize ${nameOf(second)}`)));
                run.put(model, 'modelName', text(model.c.name ?? 'Model'));
              }
              return model;
            },
          })),
        });
      case 'InjectModel':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `sequelize model ${keyOf(first, run) ?? '*'}`)] });
      case 'getModelToken':
        return token(run, it.place, `sequelize model ${keyOf(first, run) ?? '*'}`);
      case 'InjectConnection':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `sequelize ${nameOf(first)}`)] });
      default:
        return isCallable(first) ? first : UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const nameOf = (it: Value | undefined): string => (textOf(it) ?? 'default').replace(/^default$/, '');
