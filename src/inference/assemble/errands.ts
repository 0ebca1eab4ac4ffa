import type { Errand } from '../../model/topology.ts';
import type { Caller } from '../code/answer-use.ts';
import { patternOf } from '../code/values.ts';
import type { DraftStep } from '../detector.ts';

type Asking = Extract<DraftStep, { kind: 'request' }>;

/** Calls of vendors' clients that only send, by the end of their name. A closed list: whatever is not on it may be asked for its answer. */
const SENDING: Readonly<Record<string, readonly [call: RegExp, purpose: Errand['purpose']]>> = {
  '@sendgrid/mail': [/ send(Multiple)?$/, 'mail'],
  'mailgun.js': [/messages\.create$/, 'mail'],
  resend: [/(emails|batch)\.send$/, 'mail'],
  postmark: [/ sendEmail(WithTemplate|Batch)?$/, 'mail'],
  twilio: [/messages\.create$/, 'sms'],
  '@aws-sdk/client-ses': [/ Send\w*Email$/, 'mail'],
  '@aws-sdk/client-sesv2': [/ Send\w*Email$/, 'mail'],
  'aws-sdk': [/^ses Send\w*Email$/, 'mail'],
  '@slack/webhook': [/ send$/, 'chat'],
  '@slack/web-api': [/chat\.postMessage$/, 'chat'],
  '@workos-inc/node': [/auditLogs\.createEvent$/, 'audit'],
};

/** Addresses whose only use is to be sent something; the path tells them from what else the vendor offers. */
const ADDRESSES: readonly (readonly [RegExp, Errand['purpose']])[] = [
  [/^https:\/\/api\.sendgrid\.com\/v3\/mail\/send/, 'mail'],
  [/^https:\/\/api\.(eu\.)?mailgun\.net\/v3\/[^/]+\/messages/, 'mail'],
  [/^https:\/\/api\.postmarkapp\.com\/email/, 'mail'],
  [/^https:\/\/api\.resend\.com\/emails/, 'mail'],
  [/^https:\/\/api\.(brevo|sendinblue)\.com\/v3\/smtp\/email/, 'mail'],
  [/^https:\/\/(exp\.host\/--\/api\/v2\/push\/send|fcm\.googleapis\.com\/)/, 'push'],
  [/^https:\/\/(onesignal\.com|api\.onesignal\.com)\/(api\/v1\/)?notifications/, 'push'],
  [/^https:\/\/api\.twilio\.com\/.*\/Messages/, 'sms'],
  [/^https:\/\/hooks\.slack\.com\//, 'chat'],
  [/^https:\/\/discord(app)?\.com\/api\/webhooks\//, 'chat'],
  [/^https:\/\/(www\.google-analytics\.com\/(mp\/)?collect|api\.mixpanel\.com\/(track|import)|api\.segment\.io\/v1\/)/, 'analytics'],
  [/^https:\/\/api\.workos\.com\/audit_logs\/events/, 'audit'],
  [/^https:\/\/audit\.[\w.-]*pangea\.cloud\/v\d\/log/, 'audit'],
];

/** What a request is certainly for; undefined for whatever is asked for its answer. */
export function purposeOf(it: Asking): Errand['purpose'] | undefined {
  const sending = SENDING[it.library];
  if (sending) return sending[0].test(it.label) ? sending[1] : undefined;
  if (it.method.toUpperCase() === 'GET') return undefined;
  const { pattern } = patternOf(it.url);
  return ADDRESSES.find(([address]) => address.test(pattern))?.[1];
}

export const errandOf = (purpose: Errand['purpose'], caller: Caller | undefined): Errand => ({
  purpose,
  ...(caller?.use === 'ignored' && { isForgotten: true }),
  ...(caller && { calledAt: caller.place }),
});
