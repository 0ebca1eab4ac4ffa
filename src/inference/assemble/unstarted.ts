import type { Problem } from '../../model/topology.ts';
import { isInside, joinPath } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import type { Unit } from './parts.ts';
import { serverOf } from './servers.ts';
import { barePackages } from './units.ts';

const MOST_TOLD = 5;

/** Packages that serve by what they depend on, and that nothing that was read starts. For answers in which nobody takes load: it says where to look. */
export function unstarted(units: readonly Unit[], configuration: Configuration): Problem[] {
  return barePackages(configuration)
    .flatMap(({ root, pkg }) => {
      const server = serverOf(pkg);
      const isRead = units.some((it) => it.root === root || it.reading.files.some((file) => root !== '.' && isInside(file, root)));
      return server === undefined || isRead ? [] : [{ root, server }];
    })
    .slice(0, MOST_TOLD)
    .map(({ root, server }) => ({
      file: joinPath(root, 'package.json'),
      line: 1,
      message: `This package depends on ${server}, and nothing that could be read starts it: its routes are missing from every figure.`,
    }));
}
