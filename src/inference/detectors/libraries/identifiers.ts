import type { Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

const MAKES = /^(|default|v1|v4|v6|v7|nanoid|randomUUID|ulid|monotonicFactory|createId|cuid|generate|uuid)$/;

/** Packages that make identifiers: no two are alike. */
export default {
  id: 'identifiers',
  packages: ['uuid', 'nanoid', 'ulid', 'ulidx', 'cuid', '@paralleldrive/cuid2', 'shortid', 'short-uuid'],
  call(it): Value | undefined {
    const name = it.name.split('.').at(-1) ?? '';
    return MAKES.test(name) && !it.isNew ? { t: 'data', isNew: true } : undefined;
  },
} satisfies LibraryDetector;
