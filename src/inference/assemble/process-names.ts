import type { ComponentId } from '../../model/topology.ts';
import type { PackageClaim } from '../detector.ts';

/** What stands round the name of a server in a variable that holds its address. */
const BUNDLED = /^(NEXT_PUBLIC|REACT_APP|NX|VITE|VUE_APP|NUXT_PUBLIC|PUBLIC|EXPO_PUBLIC|GATSBY)_/;
const SAYS_WHAT =
  /_(URL|URI|URLS|HOST|HOSTNAME|HOSTS|ENDPOINT|ADDRESS|ADDR|ORIGIN|DOMAIN|BASE|BASEURL|SERVER|SERVICE|SVC|API|HTTP|GRPC|TCP|WS|GQL|GRAPHQL|REST|DATA_SOURCE|INTERNAL|PORT)$/;

/**
 * The one process that a variable without a value is called after: `USERS_SERVICE_URL` means `users` or `users-service`.
 * Undefined where none or several could be meant; never asked where the variable has a value.
 */
export function processNamedBy(variable: string, processes: ReadonlySet<ComponentId>): ComponentId | undefined {
  const stems: string[] = [];
  for (let it = variable.toUpperCase(), before = ''; it !== before; it = it.replace(SAYS_WHAT, '')) {
    before = it;
    while (BUNDLED.test(it)) it = it.replace(BUNDLED, '');
    if (it !== variable.toUpperCase()) stems.push(plain(it));
  }
  for (const stem of stems) {
    const same = [...processes].filter((it) => plain(it) === stem || plain(it.replace(/[-_](service|svc|server|api|app)$/i, '')) === stem);
    if (same.length > 0) return same.length === 1 ? same[0] : undefined;
  }
  // Names often begin with the product's: `BACKEND_URL` means `shop-backend`, and not `shop-old-backend`.
  for (const stem of stems.filter((it) => it.length > 2)) {
    const words = (it: string): number => it.split(/[-_]/).length;
    const ends = [...processes].filter((it) => it.split(/[-_]/).some((_, at, all) => at > 0 && all.slice(at).join('').toLowerCase() === stem));
    const least = Math.min(...ends.map(words));
    const shortest = ends.filter((it) => words(it) === least);
    if (ends.length > 0) return shortest.length === 1 ? shortest[0] : undefined;
  }
  return undefined;
}

/**
 * The function of the workspace that another one starts by its name (`orders-get` is deployed as `shop-production-orders-get`), or by a variable called after it.
 * Undefined where it is none of these.
 */
export function functionCalled(
  host: string | undefined,
  variable: string | undefined,
  names: ReadonlyMap<string, ComponentId>,
  processes: ReadonlySet<ComponentId>,
): ComponentId | undefined {
  if (host === undefined) return variable && processNamedBy(variable.replace(/_(FUNCTION|LAMBDA)?(_?(NAME|ARN))?$/i, '_HOST'), processes);
  const own = names.get(host);
  if (own !== undefined) return processes.has(own) ? own : undefined;
  const ends = [...processes].filter((it) => host.endsWith(`-${it.toLowerCase()}`));
  return ends.toSorted((a, b) => b.length - a.length)[0];
}

/** Under which names this workspace may own domains: the root package's and the scopes of its packages. */
export const ownersOf = (packages: Iterable<PackageClaim>): ReadonlySet<string> =>
  new Set([...packages].flatMap((it) => [/^@([^/]+)\//.exec(it.name)?.[1] ?? '', it.isWorkspaceRoot ? it.name : '']).filter((it) => it.length > 2));

/** `billing.shop.example` of the workspace `shop` is its own `billing` or `shop-billing`, reached from outside. */
export function processAtOwnDomain(host: string, owners: ReadonlySet<string>, processes: ReadonlySet<ComponentId>): ComponentId | undefined {
  const [first, owner, ...rest] = host.split('.');
  if (!first || !owner || rest.length === 0 || rest.length > 2 || !owners.has(owner)) return undefined;
  const same = [...processes].filter((it) => plain(it) === plain(first) || plain(it) === plain(`${owner}${first}`));
  return same.length === 1 ? same[0] : undefined;
}

const plain = (it: string): string => it.toLowerCase().replace(/[^a-z0-9]/g, '');
