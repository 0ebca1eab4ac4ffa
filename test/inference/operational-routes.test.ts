import { expect, it } from 'vitest';
import { isOperational } from '../../src/inference/assemble/operational-routes.ts';

// [route, who asks for it]
it.each([
  ['GET /health', 'operators'],
  ['GET /health/:check', 'operators'],
  ['POST /health/test-job', 'operators'],
  ['GET /api/v1/healthcheck', 'operators'],
  ['GET /orders/healthz', 'operators'],
  ['GET /internal/health/ready', 'operators'],
  ['GET /status', 'operators'],
  ['GET /api/status', 'operators'],
  ['GET /metrics', 'operators'],
  ['GET /_ping', 'operators'],
  ['GET /docs', 'operators'],
  ['GET /docs/json', 'operators'],
  ['GET /api-docs/*', 'operators'],
  ['GET /openapi.json', 'operators'],
  ['GET /static/*', 'operators'],
  ['ALL /public/*', 'operators'],
  ['GET /favicon.ico', 'operators'],
  ['ALL /admin/queues', 'operators'],
  ['ALL /queues/*', 'operators'],
  ['GET /orders/:id/status', 'users'],
  ['GET /orders/status', 'users'],
  ['PATCH /status', 'users'],
  ['GET /status/:id', 'users'],
  ['GET /patients/:id/health', 'users'],
  ['GET /assets', 'users'],
  ['GET /assets/:id', 'users'],
  ['GET /assets/:id/metrics', 'users'],
  ['GET /public/posts', 'users'],
  ['GET /docs/:id', 'users'],
  ['POST /live', 'users'],
  ['GET /streams/:id/live', 'users'],
  ['GET /api/queues/:name', 'users'],
  ['GET /queues', 'users'],
  ['GET /', 'users'],
  ['ALL /*', 'users'],
])('%s is asked for by %s', (route, who) => {
  const [method = '', path = ''] = route.split(' ');
  expect(isOperational(method, path)).toBe(who === 'operators');
});
