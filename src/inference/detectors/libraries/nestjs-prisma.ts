import { NOTHING, object, propertyOf, textOf, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';

/** nestjs-prisma: a service that is Prisma's client, and clients of one's own under a name (https://nestjs-prisma.dev/docs/configuration/). */
export default {
  id: 'nestjs-prisma',
  packages: ['nestjs-prisma'],
  call(it, run) {
    const [first] = it.args;
    const isGlobal = truth(propertyOf(first, 'isGlobal') ?? NOTHING) === true;
    const service = (read: (inject: (token: Value) => Value) => Value): Value =>
      libraryModule(it, run, {
        isGlobal,
        gives: [
          {
            key: 'nestjs-prisma PrismaService',
            make: (inject) => run.use('@prisma/client', 'PrismaClient', [propertyOf(read(inject), 'prismaOptions') ?? object()], it.place, true),
          },
        ],
      });
    const own = (read: (inject: (token: Value) => Value) => Value): Value =>
      libraryModule(it, run, { isGlobal, gives: [{ key: textOf(propertyOf(first, 'name')) ?? '', make: (inject) => object([['client', read(inject)]]) }] });
    switch (it.name) {
      case 'PrismaModule.forRoot':
        return service(() => propertyOf(first, 'prismaServiceOptions') ?? UNKNOWN);
      case 'PrismaModule.forRootAsync':
        return service((inject) => asyncOptions(first, 'createPrismaOptions', inject, run));
      case 'CustomPrismaModule.forRoot':
        return own(() => propertyOf(first, 'client') ?? UNKNOWN);
      case 'CustomPrismaModule.forRootAsync':
        return own((inject) => asyncOptions(first, 'createPrismaClient', inject, run));
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;
