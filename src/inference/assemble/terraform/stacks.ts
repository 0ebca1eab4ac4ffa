import { folderOf } from '../../detectors/paths.ts';
import type { Configuration } from '../configuration.ts';
import type { Stack } from '../stacks.ts';
import { runsAmong } from './compute.ts';
import { withCopies } from './copies.ts';
import { moduleOf, resourcesOf, rootModules } from './modules.ts';
import { storesAmong } from './stores.ts';

/** What `terraform apply` can be run in: every root module with what it calls. */
export function terraformStacks(configuration: Configuration): Stack[] {
  const roots = rootModules(configuration).filter((it) => !/(^|\/)(examples?|tests?|fixtures|modules)(\/|$)/i.test(it));
  return roots.flatMap((folder): Stack[] => {
    const resources = resourcesOf(moduleOf(folder, configuration));
    const runs = runsAmong(resources);
    const claims = [...withCopies(storesAmong(resources), runs, resources), ...runs];
    const files = [...configuration.terraform.keys()].filter((it) => folderOf(it) === folder).sort();
    return claims.length > 0 ? [{ id: folder === '.' ? (files[0] ?? '.') : folder, source: 'terraform', files, claims, problems: [] }] : [];
  });
}
