import { isSensitiveName, looksSecret } from '../code/redact.ts';
import type { FileDetector, MentionClaim } from '../detector.ts';

const ABOUT_HOSTS = /env|host|url|uri|dsn|endpoint|addr|broker|amqp|redis|mongo|jdbc|http/i;
const QUOTED = /(["'`])((?:(?!\1)[^\\\n]|\\.){1,160})\1/g;
const HOST = /^(?:[a-z][a-z0-9+:]*:\/\/(?:[^@/\s]*@)?|[a-z]+:host=)?([a-z][a-z0-9.-]*)(?=$|[:/;?])/i;
const NAMED = /\{(\w+)\}|\$\{(\w+)\}/;

/**
 * Hosts named in code of other languages: enough to draw the calls of services that we don't read.
 * A mention is a claim about a name only; `assemble` keeps those that are services of the deployment.
 */
export default {
  id: 'other-language',
  matches: (path) => /\.(py|go|java|php)$/.test(path) && !/(^|\/)(tests?|vendor|migrations?)\/|_test\.go$|(^|\/)test_/.test(path),
  detect(path, text) {
    const consumes = /\b(basic_consume|\.Consume\(|start_consuming|QueueDeclare|@RabbitListener|KafkaListener)\b|\.Consume\(/.test(text);
    const claims: MentionClaim[] = [];
    text.split(/\r?\n/).forEach((line, index) => {
      if (!ABOUT_HOSTS.test(line) || /^\s*(#|\/\/|\*|import\b|from\b|use\b)/.test(line)) return;
      if ((line.match(/\w+/g) ?? []).some(isSensitiveName)) return;
      const isDefault = /getenv|environ|LookupEnv|System\.getenv/.test(line);
      for (const [, , quoted] of line.matchAll(QUOTED)) {
        const host = hostIn(quoted as string);
        if (host && (!host.includes('.') || isDefault)) claims.push({ kind: 'mention', host, consumes, place: { file: path, line: index + 1 } });
      }
    });
    return { claims };
  },
} satisfies FileDetector;

function hostIn(quoted: string): string | undefined {
  if (NAMED.test(quoted) || /^[A-Z0-9_]+$/.test(quoted)) return undefined;
  const host = HOST.exec(quoted)?.[1];
  return host && !looksSecret(host) ? host.toLowerCase() : undefined;
}
