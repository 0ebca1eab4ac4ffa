/** Tells whether something is alive, wherever it stands in a path that names no single thing. */
const HEALTH = /^(health|healthz|healthcheck|health-check|health_check|ready|readyz|readiness|live|livez|liveness|heartbeat)$/;
/** What operators ask for where nothing but a prefix stands before it: `/status`, but not `/orders/status`. */
const OPERATORS = /^(status|ping|metrics|version|reference)$/;
const MANUALS = /^(docs|api-docs|apidocs|swagger|swagger-ui|openapi|redoc|documentation)$/;
const FOLDERS = /^(static|assets|public|dist|next)$/;
const FILES = /^(favicon|robots|sitemap)$/;
const BOARDS = /^(queues|bull-board|bullboard|bull|arena|agendash)$/;
/** Says where an API lies, not what it is about. */
const PREFIX = /^(api|rest|app|internal|admin|system|actuator|monitoring|management|v\d+(\.\d+)*)$/;

const isHole = (segment: string): boolean => /^[:*{[(]/.test(segment);
const isRest = (segment: string): boolean => /^[({]?(\*|\.\*|:\w+\*|\/\*)/.test(segment);
const words = (path: string): string[] =>
  path
    .toLowerCase()
    .split('/')
    .filter(Boolean)
    .map((it) => it.replace(/\.(json|ya?ml|html?|txt|ico|xml)$/, '').replace(/^_+(?=.)/, ''));

/**
 * Whether a route as a whole serves those who run the system, not those who use it: health, metrics, manuals, files.
 * A word in it says nothing: `/orders/:id/status`, `/assets/:id` and `/public/posts` are asked for by users.
 */
export function isOperational(method: string, path: string): boolean {
  const segments = words(path);
  const first = segments.findIndex((it) => !PREFIX.test(it));
  const word = segments[first] ?? '';
  const behind = segments.slice(first + 1);
  if (/^health/.test(word) && HEALTH.test(word)) return true;
  if (!['GET', 'HEAD', 'OPTIONS', 'ALL'].includes(method)) return false;
  if (HEALTH.test(segments.at(-1) ?? '') && !segments.some(isHole)) return true;
  if (MANUALS.test(word)) return !behind.some((it) => isHole(it) && !isRest(it));
  const isWhole = behind.every(isRest);
  if (BOARDS.test(word)) return isWhole && (behind.length > 0 || word !== 'queues' || segments.includes('admin'));
  if (FOLDERS.test(word)) return isWhole && behind.length > 0;
  return isWhole && (OPERATORS.test(word) || FILES.test(word));
}
