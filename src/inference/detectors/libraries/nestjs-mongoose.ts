import { propertyOf, type Resource, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { itemsOf, token } from './nestjs/tokens.ts';

/** @nestjs/mongoose: connections by name, models by name. */
export default {
  id: 'nestjs-mongoose',
  packages: ['@nestjs/mongoose'],
  call(it, run) {
    const [first, second] = it.args;
    switch (it.name) {
      case 'MongooseModule.forRoot':
        return connection(it, run, textOf(propertyOf(second, 'connectionName')), () => [first ?? UNKNOWN, second ?? UNKNOWN]);
      case 'MongooseModule.forRootAsync':
        return connection(it, run, textOf(propertyOf(first, 'connectionName')), (inject) => {
          const options = asyncOptions(first, 'createMongooseOptions', inject, run);
          return [propertyOf(options, 'uri') ?? UNKNOWN, options];
        });
      case 'MongooseModule.forFeature':
        return models(it, run, (model) => [propertyOf(model, 'name'), propertyOf(model, 'schema')]);
      case 'MongooseModule.forFeatureAsync':
        return models(it, run, (model, inject) => [propertyOf(model, 'name'), asyncOptions(model, '', inject, run)]);
      case 'InjectModel':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `mongoose model ${nameOf(first)}`)] });
      case 'getModelToken':
        return token(run, it.place, `mongoose model ${nameOf(first)}`);
      case 'InjectConnection':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `mongoose ${textOf(first) ?? ''}`)] });
      case 'getConnectionToken':
        return token(run, it.place, `mongoose ${textOf(first) ?? ''}`);
      case 'SchemaFactory.createForClass':
        return run.use('mongoose', 'Schema', [], it.place, true);
      default:
        return /^[A-Z]/.test(it.name) ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
    }
  },
} satisfies LibraryDetector;

/** `Cat.name` is the class' name. */
const nameOf = (it: Value | undefined): string => textOf(it) ?? (it?.t === 'class' ? (it.c.name ?? '') : '*');

function connection(it: LibraryCall, run: CodeRun, name: string | undefined, args: (inject: (token: Value) => Value) => Value[]): Resource {
  return libraryModule(it, run, { isGlobal: true, gives: [{ key: `mongoose ${name ?? ''}`, make: (inject) => run.use('mongoose', 'createConnection', args(inject), it.place) }] });
}

function models(it: LibraryCall, run: CodeRun, read: (model: Value, inject: (token: Value) => Value) => [Value | undefined, Value | undefined]): Resource {
  const connectionKey = `mongoose ${textOf(it.args[1]) ?? ''}`;
  const gives = itemsOf(it.args[0]).map((model) => ({
    key: `mongoose model ${nameOf(propertyOf(model, 'name'))}`,
    make: (inject: (token: Value) => Value) => {
      const [name, schema] = read(model, inject);
      const client = inject(token(run, it.place, connectionKey));
      const args = [text(nameOf(name)), schema ?? UNKNOWN];
      return client.t === 'resource' ? run.call(run.property(client, 'model'), args) : run.use('mongoose', 'model', args, it.place);
    },
  }));
  return libraryModule(it, run, { gives });
}
