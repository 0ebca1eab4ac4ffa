import type { LibraryDetector } from '../../detector.ts';

/** What tells people how a process fares: packages by what they give. */
const GIVES: Record<string, readonly string[]> = {
  metrics: [
    'prom-client',
    'express-prom-bundle',
    'fastify-metrics',
    '@willsoto/nestjs-prometheus',
    'hot-shots',
    '@opentelemetry/sdk-metrics',
    '@opentelemetry/exporter-prometheus',
  ],
  tracing: [
    ...['@opentelemetry/sdk-node', '@opentelemetry/sdk-trace-node', '@opentelemetry/sdk-trace-base', '@opentelemetry/auto-instrumentations-node'],
    ...['dd-trace', 'newrelic', 'elastic-apm-node', 'applicationinsights', '@google-cloud/trace-agent', 'aws-xray-sdk', 'aws-xray-sdk-core', 'nestjs-otel'],
  ],
  error_tracking: ['@sentry/node', '@sentry/nestjs', '@bugsnag/js', 'rollbar'],
};
const KIND = new Map(Object.entries(GIVES).flatMap(([kind, packages]) => packages.map((name) => [name, kind] as const)));
const BEGINS =
  /(^|\.)(|default|init|start|setup|register|NodeSDK|NodeTracerProvider|BasicTracerProvider|MeterProvider|PrometheusExporter|collectDefaultMetrics|Counter|Gauge|Histogram|Summary|Registry|StatsD|getNodeAutoInstrumentations|forRoot|forRootAsync|captureAWS|captureAWSClient|captureAWSv3Client)$/;

const WATCHES = /(^|\.)capture(AWS|AWSClient|AWSv3Client|HTTPs)$/;

/** Metrics, traces and reported errors: that they are there. What they cost is left out, and what runs inside them is read like any other code. */
export default {
  id: 'observability',
  packages: [...KIND.keys()],
  call(it, run) {
    const kind = KIND.get(it.package);
    if (!kind || !BEGINS.test(it.name)) return undefined;
    if (!run.isTracing()) run.claim({ kind: 'fact', type: kind, subject: it.package, value: true, place: it.place });
    if (it.name.endsWith('collectDefaultMetrics') && !run.isTracing()) run.claim({ kind: 'fact', type: 'event_loop_monitor', subject: it.package, value: true, place: it.place });
    // What X-Ray watches goes on as what it was: a client, the SDK, the module of HTTP.
    return WATCHES.test(it.name) ? it.args[0] : undefined;
  },
} satisfies LibraryDetector;
