import { expect, it } from 'vitest';
import { outsideName } from '../../src/inference/assemble/outside-names.ts';

it.each([
  ['api.stripe.com', 'stripe'],
  ['api.hubapi.com', 'hubspot'],
  ['api.shop.co.uk', 'shop'],
  ['hooks.example.com.au', 'example'],
  ['sqs.eu-west-1.amazonaws.com', 'sqs'],
  ['sheets.googleapis.com', 'google'],
  ['localhost', 'localhost'],
])('%s is drawn as %s', (host, name) => expect(outsideName(host)).toBe(name));
