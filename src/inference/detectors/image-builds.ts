import type { BuiltImageClaim, FileDetector } from '../detector.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { folderOf, joinPath, nameOf } from './paths.ts';
import { readYamlDocuments, type YamlReading } from './yaml-places.ts';

const SKAFFOLD = /^skaffold[\w.-]*\.ya?ml$/i;
const WORKFLOW = /(^|\/)\.github\/workflows\/[^/]+\.ya?ml$/i;

/** Which folder an image is built from, where Skaffold or a GitHub workflow says so (scripts of packages: package-json.ts): manifests name images only. */
export default {
  id: 'image-builds',
  matches: (path) => SKAFFOLD.test(nameOf(path)) || WORKFLOW.test(path),
  recognises: (text) => /^\s*artifacts:/m.test(text) || /docker(x)?\b.*\bbuild\b|docker\/build-push-action/.test(text),
  detect(path, text) {
    const documents = readYamlDocuments(path, text);
    const claims = documents.flatMap((yaml) => (WORKFLOW.test(path) ? fromWorkflow(yaml) : fromSkaffold(path, yaml)));
    return { claims, problems: documents.flatMap((it) => it.problems).slice(0, 1) };
  },
} satisfies FileDetector;

/** Contexts are beside the file: https://skaffold.dev/docs/references/yaml/#build-artifacts. */
function fromSkaffold(path: string, { value, placeAt }: YamlReading): BuiltImageClaim[] {
  const build = isObject(value) && isObject(value.build) ? value.build : {};
  return (Array.isArray(build.artifacts) ? build.artifacts : []).flatMap((it, index): BuiltImageClaim[] => {
    if (!isObject(it) || !isText(it.image)) return [];
    const context = joinPath(folderOf(path), isText(it.context) ? it.context : '.');
    const docker = isObject(it.docker) ? it.docker : {};
    const dockerfile = joinPath(context, isText(docker.dockerfile) ? docker.dockerfile : 'Dockerfile');
    return [{ kind: 'builtImage', image: it.image, context, dockerfile, place: placeAt(['build', 'artifacts', index, 'image']) }];
  });
}

/** Steps run at the root unless they say where; names that only the run knows (`$SHA`) stay out, of `ghcr.io/${{ … }}/shop` the owner is open, tags don't matter. */
function fromWorkflow({ value, placeAt }: YamlReading): BuiltImageClaim[] {
  const jobs = isObject(value) && isObject(value.jobs) ? value.jobs : {};
  return Object.entries(jobs).flatMap(([job, it]) => {
    const steps = (isObject(it) && Array.isArray(it.steps) ? it.steps : []).filter(isObject);
    return steps.flatMap((step, index): BuiltImageClaim[] => {
      const at = ['jobs', job, 'steps', index];
      if (isText(step.run)) return buildsIn(step.run, isText(step['working-directory']) ? step['working-directory'] : '.').map((it) => ({ ...it, place: placeAt([...at, 'run']) }));
      if (!isText(step.uses) || !step.uses.startsWith('docker/build-push-action')) return [];
      return pushed(isObject(step.with) ? step.with : {}, steps).map((it) => ({ ...it, place: placeAt([...at, 'with']) }));
    });
  });
}

/** Names that docker/metadata-action gives to the tags of a later step: https://github.com/docker/metadata-action#inputs. */
function withNamesOf(tags: string, steps: readonly Json[]): string {
  return tags.replace(/\$\{\{\s*steps\.([\w-]+)\.outputs\.tags\s*\}\}/g, (_whole, id: string) => {
    const names = steps.find((it) => it.id === id && isText(it.uses) && it.uses.startsWith('docker/metadata-action'))?.with;
    return isObject(names) && isText(names.images) ? names.images : '';
  });
}

/** One word, whatever blanks an expression of the workflow has. */
const inOneWord = (it: string): string => it.replace(/\$\{\{.*?\}\}/g, OPEN);

/** Stands for what only the run knows. */
const OPEN = '*';

type Built = Omit<BuiltImageClaim, 'place'>;

/** Its context is the checkout unless given; `file` is from the root: https://github.com/docker/build-push-action#inputs. */
function pushed(options: Json, steps: readonly Json[]): Built[] {
  const context = joinPath(isText(options.context) ? options.context : '.');
  const dockerfile = isText(options.file) ? joinPath(options.file) : joinPath(context, 'Dockerfile');
  return isText(options.tags) && !context.includes('$') && !dockerfile.includes('$')
    ? built(inOneWord(withNamesOf(options.tags, steps)).split(/[\s,]+/), context, dockerfile, isText(options.target) ? options.target : undefined)
    : [];
}

/** What `docker build` in shell text makes, run in this folder. */
export function buildsIn(run: string, from: string): Built[] {
  let folder = from;
  return inOneWord(run.replace(/\\\r?\n/g, ' '))
    .split(/\r?\n|&&|;/)
    .flatMap((line): Built[] => {
      const words = line.trim().split(/\s+/);
      if (words[0] === 'cd' && words[1]) folder = joinPath(folder, words[1]);
      const start = words[0] === 'docker' ? words.indexOf('build') : -1;
      if (start < 0 || start > 2) return [];
      const named: string[] = [];
      let file: string | undefined;
      let context: string | undefined;
      let target: string | undefined;
      for (let at = start + 1; at < words.length; at++) {
        const [flag, inline] = (words[at] as string).split(/=(.*)/) as [string, string?];
        if (!flag.startsWith('-')) context ??= flag;
        else if (inline === undefined && VALUED.has(flag)) {
          const given = words[++at] ?? '';
          if (/^(-t|--tag)$/.test(flag)) named.push(given);
          else if (/^(-f|--file)$/.test(flag)) file = given;
          else if (flag === '--target') target = given;
        } else if (flag === '--tag' && inline) named.push(inline);
        else if (flag === '--file' && inline) file = inline;
        else if (flag === '--target' && inline) target = inline;
      }
      if (!context || /[$:<|*]/.test(context) || (file && /[$*]/.test(file))) return [];
      const inFolder = joinPath(folder, context);
      return built(named, inFolder, file ? joinPath(folder, file) : joinPath(inFolder, 'Dockerfile'), target);
    });
}

/** Options of `docker build` that take the next word: https://docs.docker.com/reference/cli/docker/buildx/build/. */
const VALUED = new Set(
  '-t --tag -f --file --build-arg --target --platform --secret --ssh --label --cache-from --cache-to --output -o --network --build-context --progress --builder --add-host -m --memory'.split(
    ' ',
  ),
);

const built = (names: readonly string[], context: string, dockerfile: string, target: string | undefined): Built[] =>
  names
    .map((it) => it.replace(/["']/g, '').replace(/[:@][^/]*$/, ''))
    .filter((it) => /^[\w./*-]+$/.test(it) && /(^|\/)[\w.-]+$/.test(it))
    .map((image) => ({ kind: 'builtImage', image, context, dockerfile, ...(target && { target }) }));
