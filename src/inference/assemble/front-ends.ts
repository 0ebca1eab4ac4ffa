import { folderOf, isInside, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';

const FRAMEWORKS = /^(react-dom|@angular\/core|vue|svelte|solid-js|preact|expo|react-native)$/;
const ELSEWHERE = /(^|\/)(test|tests|__tests__|e2e|examples?|fixtures|templates?|docs?|website|storybook|playground|demo|dist|build|coverage)(\/|$)/i;

/** Applications for browsers and phones that no deployment file starts: a framework among the dependencies, and a page or an app manifest of their own. */
export function frontEnds(configuration: Configuration): { root: string; name: string; file: string }[] {
  const files = configuration.known;
  const pageOf = (root: string): boolean => ['index.html', 'src/index.html', 'public/index.html'].some((it) => files.has(joinPath(root, it)));
  const found: { root: string; name: string; file: string }[] = [];
  for (const [file, pkg] of configuration.packages) {
    const root = folderOf(file);
    const dependencies = Object.keys({ ...pkg.dependencies, ...pkg.devDependencies });
    if (ELSEWHERE.test(root) || !dependencies.some((it) => FRAMEWORKS.test(it))) continue;
    const isPhone = pkg.dependencies.expo !== undefined || pkg.dependencies['react-native'] !== undefined;
    if (pageOf(root) || (isPhone && ['app.json', 'app.config.js', 'app.config.ts'].some((it) => files.has(joinPath(root, it)))))
      found.push({ root, name: pkg.name.replace(/^@[^/]+\//, '') || nameOf(root), file });
  }
  // An Nx project has no package of its own.
  for (const file of configuration.files) {
    const root = folderOf(file);
    if (nameOf(file) === 'project.json' && root !== '.' && !ELSEWHERE.test(root) && pageOf(root) && !configuration.packages.has(joinPath(root, 'package.json')))
      found.push({ root, name: nameOf(root), file });
  }
  return found.filter((it) => !found.some((other) => other !== it && it.root !== '.' && isInside(it.root, other.root) && other.root !== '.'));
}
