import { DATA, patternOf, propertyOf, type Resource, textOf, toldNumber, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, Told } from '../../detector.ts';

/** Services of AWS that are asked like somebody else's API, by the client's class of version 3 and of the old SDK: what they are called. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  SESClient: 'ses',
  SES: 'ses',
  SESv2Client: 'ses',
  SESv2: 'ses',
  SESV2: 'ses',
  CognitoIdentityProviderClient: 'cognito',
  CognitoIdentityProvider: 'cognito',
  CognitoIdentityServiceProvider: 'cognito',
  LambdaClient: 'lambda',
  Lambda: 'lambda',
  SFNClient: 'states',
  SFN: 'states',
  StepFunctions: 'states',
  KMSClient: 'kms',
  KMS: 'kms',
  SecretsManagerClient: 'secretsmanager',
  SecretsManager: 'secretsmanager',
  SSMClient: 'ssm',
  SSM: 'ssm',
  BedrockRuntimeClient: 'bedrock',
  BedrockRuntime: 'bedrock',
  RekognitionClient: 'rekognition',
  Rekognition: 'rekognition',
  TextractClient: 'textract',
  Textract: 'textract',
};

export const OUTSIDE_PACKAGES = [
  '@aws-sdk/client-ses',
  '@aws-sdk/client-sesv2',
  '@aws-sdk/client-cognito-identity-provider',
  '@aws-sdk/client-lambda',
  '@aws-sdk/client-sfn',
  '@aws-sdk/client-kms',
  '@aws-sdk/client-secrets-manager',
  '@aws-sdk/client-ssm',
  '@aws-sdk/client-bedrock-runtime',
  '@aws-sdk/client-rekognition',
  '@aws-sdk/client-textract',
] as const;

/** Attempts less the first: `maxAttempts` of version 3 (or of its strategy), `maxRetries` of the old SDK. */
export function retriesIn(options: Value | undefined): Told | undefined {
  const given = options?.t === 'object' ? options : undefined;
  const strategy = propertyOf(given, 'retryStrategy');
  const attempts = toldNumber(given, 'maxAttempts') ?? (strategy?.t === 'resource' ? (strategy.data.attempts as Told | undefined) : undefined);
  if (attempts) return 'value' in attempts ? { ...attempts, value: Math.max(0, attempts.value - 1) } : attempts;
  return strategy && strategy.t !== 'nothing' ? { why: 'a strategy of its own decides how often it is tried' } : toldNumber(given, 'maxRetries');
}

/** What such a client is asked for; nothing waits for a function that is only started. */
export function askOutside(it: LibraryCall, of: Resource, command: string, input: Value | undefined, run: CodeRun): void {
  const service = String(of.data.outside);
  const library = String(of.data.library);
  const isStarted = service === 'lambda' && (command === 'InvokeAsync' || textOf(propertyOf(input, 'InvocationType')) === 'Event');
  const retries = of.data.retries as Told | undefined;
  run.record({
    kind: 'request',
    url: service === 'lambda' && command.startsWith('Invoke') ? functionUrl(propertyOf(input, 'FunctionName')) : { t: 'text', parts: [`https://${service}.amazonaws.com/`] },
    method: 'POST',
    label: `${service} ${command}`,
    library,
    retriedBy: library === 'aws-sdk' ? 'aws-sdk' : '@aws-sdk',
    ...(retries && { retries }),
    awaited: !isStarted,
    place: it.place,
  });
}

/** `lambda://name`: the last part of an ARN, or the name, without what only the deployment knows (`orders-${stage}`), or the variable that holds it. */
function functionUrl(it: Value | undefined): Value {
  if (it?.t === 'unset') return { t: 'text', parts: ['lambda://', it] };
  const name = patternOf(it)
    .pattern.replace(/\$\{[^}]*\}/g, '*')
    .replace(/^arn:.*:function:/, '')
    .replace(/:[\w*$]+$/, '')
    .replace(/[-_]?\*[-_]?/g, '-')
    .replace(/^-+|-+$/g, '');
  return { t: 'text', parts: ['lambda://', name === '' ? DATA : name] };
}
