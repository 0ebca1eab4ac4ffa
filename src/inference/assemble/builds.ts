import { folderOf, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import type { Service } from './service.ts';

/** The last part of an image's name, without its tag. */
export const imageName = (image: string | undefined): string => /([\w.-]+?)(?:[:@].*)?$/.exec(image ?? '')?.[1] ?? '';

/** Names that may mean a service elsewhere. */
export const calledBy = (it: Service): string[] => [it.name, ...it.aliases, imageName(it.image)].filter((name) => name !== '');

/** An image that is called like a package beside a Dockerfile is built from it. */
export function withBuild(it: Service, configuration: Configuration): Service {
  const called = imageName(it.image);
  if (it.build || it.managed || it.onDemand || called === '') return it;
  const folders = [...configuration.packages].flatMap(([file, pkg]) => {
    const folder = folderOf(file);
    const isCalled = pkg.name.replace(/^@[^/]+\//, '') === called || (folder !== '.' && nameOf(folder) === called);
    return isCalled && configuration.images.has(joinPath(folder, 'Dockerfile')) ? [folder] : [];
  });
  const [context] = folders;
  return folders.length === 1 && context !== undefined ? { ...it, build: { context, dockerfile: joinPath(context, 'Dockerfile') } } : it;
}

/** A compose file for desks tells of the same service which folder it is built from and what the code's variables look like. */
export function withSame(own: Service, beside: readonly Service[]): Service {
  const same = beside.find((it) => calledBy(it).some((name) => calledBy(own).includes(name)));
  if (!same) return own;
  return {
    ...own,
    ...(same.build && { build: same.build }),
    environment: { ...same.environment, ...own.environment },
    aliases: [...new Set([...own.aliases, same.name, ...same.aliases])].filter((it) => it !== own.name),
    dependsOn: same.dependsOn,
    hasHealthcheck: own.hasHealthcheck || same.hasHealthcheck,
    claims: [...own.claims, ...same.claims],
  };
}
