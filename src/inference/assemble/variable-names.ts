import type { ComponentId } from '../../model/topology.ts';

/** What stands round the name of a server in a variable that holds its address. */
const BUNDLED = /^(NEXT_PUBLIC|REACT_APP|NX|VITE|VUE_APP|NUXT_PUBLIC|PUBLIC|EXPO_PUBLIC|GATSBY)_/;
const SAYS_WHAT = /_(URL|URI|URLS|HOST|HOSTNAME|HOSTS|ENDPOINT|ADDRESS|ADDR|ORIGIN|DOMAIN|BASE|BASEURL|SERVER|SERVICE|SVC|API|HTTP|GRPC|TCP|INTERNAL|PORT)$/;

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
  return undefined;
}

const plain = (it: string): string => it.toLowerCase().replace(/[^a-z0-9]/g, '');
