import { withoutCredentials } from '../code/redact.ts';
import type { AskClaim } from '../detector.ts';

/** Files of a front end that may ask a server: by their names, or all where there are few. */
export function filesThatAsk(root: string, files: readonly string[]): string[] {
  const own = files.filter(
    (it) =>
      (root === '.' || it.startsWith(`${root}/`)) &&
      /\.([cm]?[jt]sx?|vue|svelte)$/.test(it) &&
      !/(^|\/)(node_modules|dist|build|test|tests|__tests__|__mocks__|e2e|stories)\//.test(it) &&
      !/\.(test|spec|stories|d|config)\./.test(it),
  );
  const telling = own.filter((it) => TELLING.test(it.slice(root === '.' ? 0 : root.length + 1)));
  return (own.length <= FEW ? own : telling).slice(0, MOST);
}

const TELLING = /api|client|const(?:ants?)?[./]|http|service|fetch|request|config|env|axios|quer(y|ies)|trpc|apollo|graphql|socket|data|auth|redux|store|action/i;
const FEW = 150;
const MOST = 400;

const CALLS =
  /(?:\bfetch|\baxios(?:\.\w+)?|\b\w*(?:http|api|client|request)\w*(?:\.(?:get|post|put|patch|delete|request|head))?|\.(?:get|post|put|patch|delete))\s*(?:<[^>()]{0,80}>)?\(\s*[`'"]((?:https?:\/\/|\/)[^`'"\s]{1,200})/gi;
const BASES =
  /\b(?:baseURL|baseUrl|base_url|apiUrl|API_URL|API_BASE_URL|API_HOSTNAME|prefixUrl|uri)\b\s*[:=]\s*(?:[\w.?! |]*\|\|\s*|[\w.?! ]*\?\?\s*)?[`'"](https?:\/\/[^`'"\s]{1,200}|\/[\w./-]{1,100})[`'"]/g;
const VARIABLES =
  /(?:import\.meta\.env|process\.env)(?:\.|\[['"])((?:NX|VITE|NEXT_PUBLIC|REACT_APP|VUE_APP|NUXT_PUBLIC|PUBLIC|NG_APP|EXPO_PUBLIC)_\w*(?:URL|URI|HOST|HOSTNAME|API|ENDPOINT|BACKEND|SERVER|BASE|SOURCE)\w*)/g;
const TAKEN_APART = /\{([^{}]*)\}\s*=\s*(?:import\.meta\.env|process\.env)\b/g;

const SOCKETS = /(?:\bnew\s+(?:Reconnecting)?(WebSocket)|(?<![.\w])io(?:\.connect)?)\s*\(\s*(?:[`'"]((?:wss?|https?):\/\/[^`'"\s]{1,200}))?/g;
const NAMES_SOCKET = /(^|_)(WS|WSS|SOCKET|WEBSOCKET|SOCKETS)(_|$)/;

const addressIn = (literal: string | undefined): { url?: string } => (literal === undefined ? {} : { url: withoutCredentials(literal.replace(/\$\{[^}]*\}/g, '*')) });

/** What the code of a front end asks a server for: addresses as written, and variables that hold addresses. */
export function asksIn(file: string, text: string): AskClaim[] {
  const found: AskClaim[] = [];
  const add = (at: number, what: Pick<AskClaim, 'url' | 'variable' | 'socket'>): void => {
    if (found.length < 50) found.push({ kind: 'ask', ...what, place: { file, line: text.slice(0, at).split('\n').length } });
  };
  for (const pattern of [CALLS, BASES]) for (const mark of text.matchAll(pattern)) add(mark.index, { url: withoutCredentials((mark[1] as string).replace(/\$\{[^}]*\}/g, '*')) });
  for (const mark of text.matchAll(VARIABLES)) add(mark.index, { variable: mark[1] as string, ...(NAMES_SOCKET.test(mark[1] as string) && { socket: true }) });
  for (const mark of text.matchAll(TAKEN_APART))
    for (const name of (mark[1] as string).matchAll(/(?<![\w.])(\w+)\s*(?=[:,=}]|$)/g))
      for (const known of `process.env.${name[1]}`.matchAll(VARIABLES)) add(mark.index + 1 + name.index, { variable: known[1] as string });
  for (const mark of text.matchAll(SOCKETS))
    if (mark[1] !== undefined || !text.slice(mark.index).startsWith('io') || text.includes('socket.io')) add(mark.index, { ...addressIn(mark[2]), socket: true });
  return found;
}
