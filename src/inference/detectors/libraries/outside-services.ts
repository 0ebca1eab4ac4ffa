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
  '@paypal/paypal-server-sdk': 'api.paypal.com',
  razorpay: 'api.razorpay.com',
  braintree: 'api.braintreegateway.com',
  square: 'connect.squareup.com',
  '@paddle/paddle-node-sdk': 'api.paddle.com',
  '@lemonsqueezy/lemonsqueezy.js': 'api.lemonsqueezy.com',
  '@mollie/api-client': 'api.mollie.com',
  '@adyen/api-library': 'checkout-live.adyen.com',
  cloudinary: 'api.cloudinary.com',
  imagekit: 'api.imagekit.io',
  uploadthing: 'api.uploadthing.com',
  '@vercel/blob': 'blob.vercel-storage.com',
  'node-mailjet': 'api.mailjet.com',
  'mailgun-js': 'api.mailgun.net',
  '@mailchimp/mailchimp_transactional': 'mandrillapp.com',
  'sib-api-v3-sdk': 'api.brevo.com',
  '@getbrevo/brevo': 'api.brevo.com',
  '@novu/node': 'api.novu.co',
  '@novu/api': 'api.novu.co',
  '@vonage/server-sdk': 'api.vonage.com',
  plivo: 'api.plivo.com',
  telnyx: 'api.telnyx.com',
  messagebird: 'rest.messagebird.com',
  'onesignal-node': 'onesignal.com',
  'expo-server-sdk': 'exp.host',
  pusher: 'api.pusherapp.com',
  telegraf: 'api.telegram.org',
  'node-telegram-bot-api': 'api.telegram.org',
  auth0: 'api.auth0.com',
  '@clerk/backend': 'api.clerk.com',
  '@clerk/clerk-sdk-node': 'api.clerk.com',
  '@workos-inc/node': 'api.workos.com',
  '@okta/okta-sdk-nodejs': 'api.okta.com',
  '@hubspot/api-client': 'api.hubapi.com',
  'intercom-client': 'api.intercom.io',
  jsforce: 'login.salesforce.com',
  airtable: 'api.airtable.com',
  '@notionhq/client': 'api.notion.com',
  '@linear/sdk': 'api.linear.app',
  '@gitbeaker/rest': 'gitlab.com',
  'twitter-api-v2': 'api.twitter.com',
  '@googlemaps/google-maps-services-js': 'maps.googleapis.com',
  '@google/generative-ai': 'generativelanguage.googleapis.com',
  '@google/genai': 'generativelanguage.googleapis.com',
  '@mistralai/mistralai': 'api.mistral.ai',
  'cohere-ai': 'api.cohere.com',
  'groq-sdk': 'api.groq.com',
  replicate: 'api.replicate.com',
  '@pinecone-database/pinecone': 'api.pinecone.io',
  '@shopify/shopify-api': 'myshopify.com',
  shippo: 'api.goshippo.com',
  '@easypost/api': 'api.easypost.com',
  contentful: 'cdn.contentful.com',
  '@sanity/client': 'api.sanity.io',
};
/** What a client does without asking anybody. */
const LOCAL_WORK =
  /^(on|once|setApiKey|constructEvent\w*|generateTestHeaderString|verify\w*|validate\w*Signature|utils|setClient|setTimeout|setApiVersion|then|config|configure|setConfig|url|image|authenticate|authorizeChannel|isExpoPushToken|chunk\w*|getAuth|generate\w*Token)$/;

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

/** What vendors call the key by which they know a request again. */
const hasKey = (it: Value): boolean => ['idempotencyKey', 'idempotency_key'].some((name) => propertyOf(it, name) !== undefined);

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
    ...(it.args.some(hasKey) && { hasKey: true }),
    awaited: true,
    place: it.place,
  });
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }]);
  return { t: 'data' };
}
