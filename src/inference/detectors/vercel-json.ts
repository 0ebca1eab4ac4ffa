import { everyMsOf } from './libraries/cron.ts';
import type { CronClaim, FileDetector } from '../detector.ts';
import { nameOf } from './paths.ts';
import { readYaml } from './yaml-places.ts';

const isObject = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null && !Array.isArray(it);

/** vercel.json: routes that the platform's clock asks by GET (vercel.com/docs/cron-jobs). */
export default {
  id: 'vercel-json',
  matches: (path) => nameOf(path) === 'vercel.json',
  detect(path, text) {
    const { value, placeAt } = readYaml(path, text);
    const crons = isObject(value) && Array.isArray(value.crons) ? (value.crons as unknown[]) : [];
    const claims = crons.flatMap((it, at): CronClaim[] => {
      if (!isObject(it) || typeof it.path !== 'string' || !it.path.startsWith('/')) return [];
      const everyMs = typeof it.schedule === 'string' ? everyMsOf(it.schedule) : undefined;
      return [
        {
          kind: 'cron',
          path: it.path,
          ...(everyMs !== undefined && { everyMs: { value: everyMs, place: placeAt(['crons', at, 'schedule']) } }),
          place: placeAt(['crons', at, 'path']),
        },
      ];
    });
    return { claims };
  },
} satisfies FileDetector;
