const SENSITIVE_NAME =
  /pass(word|wd|phrase)?s?$|^pass|requirepass|masterauth|secret|token|credential|authorization|bearer|^cookie$|api_?key|private_?key|access_?key|encryption|signature|^auth$|auth_?key|^pwd$|cookie_?keys?|salt|jwt|^pem$|dsn_auth|license/i;
const KNOWN_TOKEN = /^(sk|pk|rk)_(live|test)_|^gh[pousr]_|^xox[abp]-|^AKIA|^eyJ|^AIza|^SG\.|-----BEGIN/;

/** A name whose value we must never keep: `DB_PASSWORD`, `jwtSecret`, `apiKey`. */
export const isSensitiveName = (name: string): boolean => SENSITIVE_NAME.test(name);

/** Text that looks like a key or token wherever it stands: long, without blanks, letters and digits mixed. */
export function looksSecret(text: string): boolean {
  if (KNOWN_TOKEN.test(text)) return true;
  if (text.length < 16 || /\s|[/:*]/.test(text)) return false;
  return /\d/.test(text) && /[A-Za-z]/.test(text) && !/^[a-z]+([.-][a-z0-9]+)*$/.test(text) && !isName(text) && !isExport(text);
}

/** `oauth2-verification`: words with a digit or two. */
/** `s3Consumer.handler`: a file and what it exports. */
const isExport = (text: string): boolean => /^[A-Za-z]+\d?[A-Za-z]*\.(handler|main|default)$/.test(text);

const isName = (text: string): boolean => /^[a-z0-9]+([._-][a-z0-9]+)+$/.test(text) && /(^|[._-])[a-z]{5,}([._-]|$)/.test(text) && text.replace(/\D/g, '').length <= 2;

/** Which members of a replica set of MongoDB answer reads: these words, and no others. */
const READ_PREFERENCE = /^((primary|secondary)(Preferred)?|nearest)$/;

/** A URL or connection string without user, password, path segments that look like keys, and query values that are neither numbers nor a read preference. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1')
    .replace(/([?&;])([A-Za-z_]+)=([^&;\s]*?)(?=[&;\s]|\}*$)/g, (_all, mark: string, name: string, value: string) =>
      (/^\d+$/.test(value) && !isSensitiveName(name)) || (name === 'readPreference' && READ_PREFERENCE.test(value)) ? `${mark}${name}=${value}` : `${mark}${name}=`,
    )
    .replace(/\/([^/?#\s]+)/g, (all, segment: string) => (looksSecret(segment) && !/^[\w-]+(\.[\w-]+)+(:\d+)?$/.test(segment) ? '/*' : all));
}

/** A command without the values of sensitive flags and variables: what it starts stays readable. */
export function keptCommand(text: string): string {
  const words = text.slice(0, 1000).split(/(\s+)/);
  let hidesNext = false;
  return words
    .map((word) => {
      if (/^\s*$/.test(word)) return word;
      if (hidesNext) {
        hidesNext = false;
        return '*';
      }
      const [, name, value] = /^["']?(-{0,2}[\w.-]+)=(.*)$/s.exec(word) ?? [];
      if (name && value !== undefined)
        return isSensitiveName(name.replace(/^-+/, '').replaceAll('-', '_')) || looksSecret(value) ? `${name}=*` : `${name}=${withoutCredentials(value)}`;
      if (/^-/.test(word) && isSensitiveName(word.replace(/^-+/, '').replaceAll('-', '_'))) hidesNext = true;
      return looksSecret(word) ? '*' : withoutCredentials(word);
    })
    .join('');
}

/** SQL with its quoted values blanked: statement and tables are all that we need. */
const withoutValues = (sql: string): string => sql.replace(/'(?:[^']|'')*'/g, "''").slice(0, 600);

const SQL = /^\s*(?:\/\*.*?\*\/\s*)?(select|insert|update|delete|with|begin|commit|rollback|start\s+transaction|merge|replace|call|truncate|copy)\b/i;
export const isSql = (text: string): boolean => SQL.test(text);

/** Text in GraphQL's schema language. */
const SCHEMA = /(^|[\s}])(extend\s+)?(type|interface|input|enum|union|scalar|schema)\s+\w*[^{}"]*\{/;
const MOST_OF_A_SCHEMA = 100_000;
/** Stands for what a template puts into a text. */
export const HOLE = '\u0001';

/** A GraphQL schema without descriptions, remarks and default texts; holes of a template stay. */
export const keptSchema = (text: string): string =>
  text
    .split(HOLE)
    .map((it) => it.replace(/"""[\s\S]*?"""|"[^"\n]*"|#[^\n]*/g, ''))
    .join(HOLE)
    .slice(0, MOST_OF_A_SCHEMA);

/** A string literal as it may be kept, or null where it must not be. */
export function keptLiteral(text: string): string | null {
  if (isSql(text)) return withoutValues(text);
  if (text.length > 40 && SCHEMA.test(text)) return keptSchema(text);
  if (text.length > 200) return null;
  if (/:\/\//.test(text)) return withoutCredentials(text);
  return looksSecret(text) ? null : text;
}

const TOPOLOGY_NAME =
  /HOST|URL|URI|ADDR|BROKER|BOOTSTRAP|SERVER|ENDPOINT|SERVICE|PORT|QUEUE|TOPIC|NODE_ENV|DIALECT|DRIVER|PROVIDER|MODE|ROLE|PROCESS|PROFILE|COMPONENT|_TYPE$|^TYPE$|^APP$|APP_NAME|WORKER|ENABLED|CLUSTER|REDIS|MONGO|POSTGRES|MYSQL|KAFKA|RABBIT|AMQP|DATABASE|CONNECTION|CONN_STR|DSN|_DB$/i;

/** What compose files leave to a variable of theirs: which image, which Dockerfile. */
const IMAGE_NAME = /(^|_)(IMAGE|DOCKERFILE)(_NAME|_PATH)?$/i;

/** What ADO.NET and libpq call a connection string: settings, of which the host alone is kept. */
const CONNECTION_STRING = /^(?:[\w ]+=[^;]*;\s*)*(?:host|server|data source)\s*=[^;]*;|^(?:\w+=\S+\s+)*host=\S+(?:\s+\w+=\S*)+$/i;

/** An environment value reduced to what topology needs (hosts, ports, numbers, switches), or null: everything else is dropped unread. */
export function keptVariable(name: string, value: string): string | null {
  if (isSensitiveName(name) || value.length > 300) return null;
  if (/^-?\d+(\.\d+)?$|^(true|false)$/i.test(value)) return value;
  const plain = value.replace(/\$\{[A-Za-z_]\w*(:?[-?][^}]*)?\}/g, 'x');
  if (CONNECTION_STRING.test(value)) return /(?:^|[;\s])(?:host|server|data source)\s*=\s*((?:tcp:)?[\w.-]+|\$\{\w+\})/i.exec(value)?.[1] ?? null;
  if (IMAGE_NAME.test(name)) return /^[\w./:@-]*$/.test(plain) && !looksSecret(plain) ? value : null;
  if (/:\/\//.test(value)) return TOPOLOGY_NAME.test(name) ? withoutPath(withoutCredentials(value)) : null;
  if (!TOPOLOGY_NAME.test(name) || /USER(NAME)?$|LOGIN/i.test(name)) return null;
  return /^[\w.,:-]*$/.test(plain) && !looksSecret(plain) ? value : null;
}

/** An argument of a build that may be part of a path in its image (which package of a workspace it is), or null. */
export const keptArgument = (name: string, value: string): string | null => (isSensitiveName(name) || looksSecret(value) || !/^[\w@][\w@./-]{0,99}$/.test(value) ? null : value);

/** Only the numbers of a query stay; a path may name a database, but never more than one segment. */
const withoutPath = (url: string): string =>
  url.replace(/^([a-z][a-z0-9+.:-]*:\/\/[^/?#]*)([^?#]*)/i, (_all, host: string, path: string) => (looksSecret(path.slice(1)) ? host : host + path));
