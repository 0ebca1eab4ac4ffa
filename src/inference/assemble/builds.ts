import type { PackageClaim } from '../detector.ts';
import { folderOf, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import type { Service } from './service.ts';

/** The last part of an image's name, without its tag; empty where only a tag is known. */
export const imageName = (image: string | undefined): string => /^(?![:@]).*?([\w.-]+?)(?:[:@][^/]*)?$/.exec(image ?? '')?.[1] ?? '';

/** The folder that holds what is an image's own: its context, or where its Dockerfile lies if the whole repository is the context. */
export const ownFolder = (build: NonNullable<Service['build']>): string => (build.context === '.' ? folderOf(build.dockerfile) : build.context);

/** Names that may mean a service elsewhere. */
export const calledBy = (it: Service): string[] => [it.name, ...it.aliases, imageName(it.image)].filter((name) => name !== '');

/**
 * Which folder an image is built from: a tool that builds says so, or it is called like a package beside a Dockerfile. `<system>-<folder>` counts where the service or its
 * container or the product is called like the rest, too; a service called `<image>-<folder>` runs that part of the product.
 */
export function withBuild(it: Service, configuration: Configuration): Service {
  // A chart's values may leave the image open.
  const called = imageName(it.image) || it.name;
  if (it.build || it.managed || it.onDemand || called === '') return it;
  const told = [...configuration.builtImages.values()].flat().filter((one) => withoutTag(one.image) === withoutTag(it.image) && configuration.images.has(one.dockerfile));
  if (told[0] && told.every((one) => one.dockerfile === told[0]?.dockerfile)) return { ...it, build: { context: told[0].context, dockerfile: told[0].dockerfile } };
  const folders = [...configuration.packages].flatMap(([file, pkg]) => {
    const folder = folderOf(file);
    const dockerfile = ['Dockerfile', 'docker/Dockerfile', '.docker/Dockerfile'].map((it) => joinPath(folder, it)).find((it) => configuration.images.has(it));
    // Beside the root's package a folder for Docker files makes whatever the whole is.
    return dockerfile && (folder !== '.' || dockerfile === 'Dockerfile')
      ? [{ folder, dockerfile, names: [pkg.name.replace(/^@[^/]+\//, ''), ...(folder === '.' ? [] : [nameOf(folder)])].filter((name) => name !== '') }]
      : [];
  });
  const same = folders.filter(({ names }) => names.includes(called));
  const own = [it.name, ...it.aliases].map((name) => name.replace(/[-_](depl|deploy|deployment|svc|srv|service|app)$/, ''));
  const whole = wholeBuild(called, configuration);
  const products = namesOf(configuration.packages.get('package.json'));
  const found =
    same.length > 0
      ? same
      : folders.filter(({ names }) =>
          names.some(
            (name) =>
              products.some((product) => called === `${product}-${name}`) ||
              (/[-_.]/.test(called) && called.replace(/^.*?[-_.]/, '') === name && own.includes(name)) ||
              (products.includes(called) && it.name === `${called}-${name}`),
          ),
        );
  if (found.length === 0 && whole) return { ...it, build: whole };
  const [only] = found;
  return found.length === 1 && only ? { ...it, build: { context: only.folder, dockerfile: only.dockerfile } } : it;
}

/** A repository of one product: the image is called like it, or like the scope of its root (`@shop/root`), and one Dockerfile beside everything makes it, or the only one that lies beside a package. */
function wholeBuild(called: string, configuration: Configuration): Service['build'] {
  const isItself = namesOf(configuration.packages.get('package.json')).includes(called);
  const files = [...configuration.images.keys()].filter((it) => nameOf(it) === 'Dockerfile');
  const besideAll = files.filter((it) => /^(\.?(docker|build|deploy)\/)?Dockerfile$/.test(it));
  const [dockerfile, ...others] = besideAll.length > 0 ? besideAll : files.filter((it) => configuration.packages.has(joinPath(folderOf(it), 'package.json')));
  return isItself && dockerfile && others.length === 0 ? { context: '.', dockerfile } : undefined;
}

/** A package's own name and its scope. */
const namesOf = (pkg: PackageClaim | undefined): string[] => (pkg?.name ?? '').replace(/^@/, '').split('/').filter(Boolean);

/** An image whose registry, owner or name is that of this workspace. */
export const isOurs = (image: string | undefined, configuration: Configuration): boolean =>
  namesOf(configuration.packages.get('package.json')).some((name) => withoutTag(image).split('/').includes(name));

const withoutTag = (image: string | undefined): string => (image ?? '').replace(/[:@][^/]*$/, '').replace(/^docker\.io\//, '');

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
