import type { ImageClaim } from '../detector.ts';
import type { Configuration } from './configuration.ts';
import type { Service } from './service.ts';

/** The stage of an image at which its build ends, where it names one; undefined where the whole is built. */
export const stageOf = (build: Pick<NonNullable<Service['build']>, 'target'> | undefined, image: ImageClaim | undefined): ImageClaim['stages'][string] | undefined =>
  build?.target ? image?.stages[build.target.toLowerCase()] : undefined;

/** What is known of the image that a service is built as, with the arguments of its build put in; undefined where its Dockerfile is not here. */
export function imageOf(build: Service['build'], { images }: Pick<Configuration, 'images'>): ImageClaim | undefined {
  const image = build && images.get(build.dockerfile);
  const values = { ...image?.args, ...build?.args };
  if (!image || Object.keys(values).length === 0) return image;
  const filled = (it: string): string => it.replace(/\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g, (whole, braced, otherwise, bare) => values[braced ?? bare] ?? otherwise ?? whole);
  const withValues = <It extends { command?: string; packageFolders: readonly string[]; worksIn: readonly string[] }>(it: It): It => ({
    ...it,
    ...(it.command !== undefined && { command: filled(it.command) }),
    packageFolders: it.packageFolders.map(filled),
    worksIn: it.worksIn.map(filled),
  });
  return {
    ...withValues(image),
    bases: image.bases.map(filled),
    stages: Object.fromEntries(Object.entries(image.stages).map(([name, it]) => [name, withValues(it)])),
    ...(image.workingDirectory !== undefined && { workingDirectory: filled(image.workingDirectory) }),
  };
}
