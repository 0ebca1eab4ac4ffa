import { isCallable, NOTHING, propertyOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';

/** Host behind each vendor's own client. */
const HOSTS: Record<string, string> = {
  stripe: 'api.stripe.com',
  openai: 'api.openai.com',
  '@anthropic-ai/sdk': 'api.anthropic.com',
  '@sendgrid/mail': 'api.sendgrid.com',
  '@sendgrid/client': 'api.sendgrid.com',
  twilio: 'api.twilio.com',
  '@slack/web-api': 'api.slack.com',
  '@slack/webhook': 'hooks.slack.com',
  '@octokit/rest': 'api.github.com',
  octokit: 'api.github.com',
  'mailgun.js': 'api.mailgun.net',
  resend: 'api.resend.com',
  postmark: 'api.postmarkapp.com',
  algoliasearch: 'api.algolia.net',
  'yahoo-finance2': 'query.yahoo-finance.com',
  '@mailchimp/mailchimp_marketing': 'api.mailchimp.com',
  plaid: 'production.plaid.com',
  '@paypal/checkout-server-sdk': 'api.paypal.com',
};
/** What a client does without asking anybody. */
const LOCAL_WORK = /^(on|once|setApiKey|constructEvent\w*|generateTestHeaderString|verify\w*|setClient|setTimeout|setApiVersion|then)$/;

/** Clients that vendors ship for their own service: which one is called, not what it answers. */
export default {
  id: 'outside-services',
  packages: Object.keys(HOSTS),
  call(it, run) {
    const library = String(it.receiver?.data.library ?? it.package);
    const path = it.receiver ? [...(it.receiver.data.path as readonly string[]), it.name].filter(Boolean) : it.name.split('.');
    const name = path.at(-1) ?? '';
    if (it.isNew || (!run.isTracing() && !it.receiver)) return run.make('Client', it.place, { library, path: [], options: it.args.find((arg) => arg.t === 'object') });
    if (LOCAL_WORK.test(name)) return UNKNOWN;
    // `twilio(sid, token)` and `mailgun.client()` make a client where they stand.
    if (path.length < 2 && !it.receiver && !/^(send|create|search)/.test(name))
      return run.make('Client', it.place, { library, path: [], options: it.args.find((arg) => arg.t === 'object') });
    return ask(it, library, path, run);
  },
  member: (of, name, run): Value | undefined =>
    LOCAL_WORK.test(name) ? undefined : run.make('Client', of.place, { ...of.data, path: [...(of.data.path as readonly string[]), name] }),
} satisfies LibraryDetector;

/** Clients whose options name a limit of one call, and what they call their retries. */
const NAMED = {
  timeouts: /^(stripe|openai|@anthropic-ai\/sdk|twilio|@slack\/web-api|postmark|mailgun\.js)$/,
  retries: { stripe: 'maxNetworkRetries', openai: 'maxRetries', '@anthropic-ai/sdk': 'maxRetries' } as Record<string, string>,
};

function retriesIn(library: string, options: Value | undefined): Told | undefined {
  const given = options?.t === 'object' ? options : undefined;
  if (library === '@slack/web-api')
    return propertyOf(given, 'retryConfig')?.t === 'object'
      ? toldNumber(given, 'retryConfig', 'retries')
      : propertyOf(given, 'retryConfig') && { why: 'a policy that is not read decides' };
  const name = NAMED.retries[library];
  return name === undefined ? undefined : toldNumber(given, name);
}

function ask(it: LibraryCall, library: string, path: readonly string[], run: CodeRun): Value {
  const url: Value = { t: 'text', parts: [`https://${HOSTS[library] ?? ''}/`] };
  const options = [it.args.findLast((arg) => arg.t === 'object'), it.receiver?.data.options as Value | undefined];
  const timeoutMs = NAMED.timeouts.test(library) ? options.map((of) => toldNumber(of?.t === 'object' ? of : undefined, 'timeout')).find((told) => told !== undefined) : undefined;
  const retries = options.map((of) => retriesIn(library, of)).find((told) => told !== undefined);
  run.record({
    kind: 'request',
    url,
    method: 'POST',
    label: `${library} ${path.filter((part) => part !== '').join('.')}`,
    library,
    ...(timeoutMs && { timeoutMs }),
    ...(retries && { retries }),
    awaited: true,
    place: it.place,
  });
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }]);
  return { t: 'data' };
}
