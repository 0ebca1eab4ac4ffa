/** Domains under which a vendor is not known by its name. */
const VENDORS: Readonly<Record<string, string>> = {
  'hubapi.com': 'hubspot',
  'hsforms.com': 'hubspot',
  'hubspotusercontent.com': 'hubspot',
  'postmarkapp.com': 'postmark',
  'googleapis.com': 'google',
  'googleusercontent.com': 'google',
  'githubusercontent.com': 'github',
  'microsoftonline.com': 'microsoft',
  'discordapp.com': 'discord',
  'telegram.org': 'telegram',
  't.me': 'telegram',
  'paypal-sandbox.com': 'paypal',
  'docker.com': 'docker-hub',
  'launchdarkly.us': 'launchdarkly',
  'mxpnl.com': 'mixpanel',
};

/** Services of AWS whose address says something else than people do. */
const AWS: Readonly<Record<string, string>> = { email: 'ses', 'cognito-idp': 'cognito', 'cognito-identity': 'cognito', events: 'eventbridge', states: 'step-functions' };

/** What an outside service is called in a drawing: its vendor, else the domain that somebody registered, without what stands before and behind it. */
export function outsideName(host: string): string {
  const parts = host.toLowerCase().split('.');
  const isTwoLevel = parts.length > 2 && (parts.at(-1) ?? '').length === 2 && /^(co|com|org|net|gov|ac|edu)$/.test(parts.at(-2) ?? '');
  const domain = parts.slice(isTwoLevel ? -3 : -2);
  // `sqs.eu-west-1.amazonaws.com`: the service tells more than the vendor.
  if (domain.join('.') === 'amazonaws.com') return AWS[parts[0] ?? ''] ?? (parts[0]?.replace(/^(s3)-.*/, '$1') || 'aws');
  return VENDORS[domain.join('.')] ?? domain[0] ?? host;
}
