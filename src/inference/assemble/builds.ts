import type { BuiltImageClaim, PackageClaim } from '../detector.ts';
import { folderOf, joinPath, nameOf } from '../detectors/paths.ts';
import { imageOf, stageOf } from './images.ts';
import type { Configuration } from './configuration.ts';
import type { Service } from './service.ts';
import { DEVELOPMENT } from './stages.ts';

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
  const told = toldBuild(it.image, configuration);
  if (told) return { ...it, build: told };
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

/** Where a tool says which Dockerfile makes the image; bases of others have its name, too, but start nothing, and stages for desks and tests are other tags of it. */
function toldBuild(image: string | undefined, configuration: Configuration): Service['build'] {
  const all = [...configuration.builtImages.values()].flat().filter((it) => isMade(it.image, withoutTag(image)) && configuration.images.has(it.dockerfile));
  const commandOf = (it: BuiltImageClaim): string | undefined => {
    const made = imageOf(it, configuration);
    return it.target ? stageOf(it, made)?.command : made?.command;
  };
  const starting = all.filter((it) => commandOf(it) !== undefined && !DEVELOPMENT.test((it.target ?? '').replace(/\d+$/, '')));
  const among = starting.length > 0 ? starting : all;
  // The whole comes before a tool of its own that goes out under another tag.
  const told = among.some((it) => it.context === '.') ? among.filter((it) => it.context === '.') : among;
  const [first] = told;
  if (!first || told.some((it) => it.dockerfile !== first.dockerfile)) return undefined;
  const isOne = told.every((it) => commandOf(it) === commandOf(first));
  return { context: first.context, dockerfile: first.dockerfile, ...(first.target && isOne && { target: first.target }) };
}

/** Whether a tool's name for an image, `*` for one part of it, is this one. */
const isMade = (told: string, image: string): boolean => {
  const own = image.split('/');
  const parts = withoutTag(told).split('/');
  return parts.length === own.length && parts.every((part, at) => part === '*' || part === own[at]);
};

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

/** An image's name alone. */
export const withoutTag = (image: string | undefined): string => (image ?? '').replace(/[:@][^/]*$/, '').replace(/^docker\.io\//, '');

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
