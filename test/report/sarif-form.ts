import type { Schema } from '../model/json-schema.ts';

const text: Schema = { type: 'string', minLength: 1 };
const count: Schema = { type: 'integer', minimum: 1 };
const list = (items: Schema): Schema => ({ type: 'array', items });
const closed = (required: readonly string[], properties: Record<string, Schema>): Schema => ({ type: 'object', additionalProperties: false, required: [...required], properties });

const message = closed(['text'], { text });
const LOCATION = {
  physicalLocation: closed(['artifactLocation'], {
    artifactLocation: closed(['uri'], { uri: text, uriBaseId: text }),
    region: closed(['startLine'], { startLine: count, startColumn: count, endLine: count, endColumn: count }),
  }),
};

/**
 * The part of SARIF 2.1.0 that is written here, as the standard's property tables have it (docs.oasis-open.org/sarif/sarif/v2.1.0, §3.13 sarifLog, §3.14 run,
 * §3.18 tool, §3.19 toolComponent, §3.20 invocation, §3.27 result, §3.28 location, §3.29 physicalLocation, §3.30 region, §3.49 reportingDescriptor, §3.58 notification).
 * Closed: a property that none of these tables was looked up for does not fit.
 */
export const SARIF_FORM: Schema = closed(['version', 'runs'], {
  $schema: text,
  version: { const: '2.1.0' },
  runs: list(
    closed(['tool'], {
      tool: closed(['driver'], {
        driver: closed(['name'], { name: text, semanticVersion: text, rules: list(closed(['id'], { id: text, shortDescription: message, helpUri: text })) }),
      }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      originalUriBaseIds: { type: 'object', additionalProperties: closed([], { uri: text, description: message }) },
      invocations: list(
        closed(['executionSuccessful'], {
          executionSuccessful: { type: 'boolean' },
          toolExecutionNotifications: list(closed(['message'], { level: { enum: ['none', 'note', 'warning', 'error'] }, message, locations: list(closed([], LOCATION)) })),
        }),
      ),
      results: list(
        closed(['message'], {
          ruleId: text,
          ruleIndex: { type: 'integer', minimum: 0 },
          level: { enum: ['none', 'note', 'warning', 'error'] },
          message,
          partialFingerprints: { type: 'object', additionalProperties: text },
          baselineState: { enum: ['new', 'unchanged', 'updated', 'absent'] },
          locations: list(closed([], LOCATION)),
          relatedLocations: list(closed([], { ...LOCATION, id: { type: 'integer', minimum: 0 }, message })),
        }),
      ),
    }),
  ),
});
