import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, componentsOf, topologyOf } from './memory-workspace.ts';

const manifest = (text: string): string => text.replaceAll('\n    ', '\n').trimStart();

/** Two services, each with a folder; orders asks users and its database. */
const code = {
  'orders/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
  'orders/package.json': JSON.stringify({ name: 'orders', main: 'index.js', dependencies: { express: '4', pg: '8', axios: '1' } }),
  'orders/index.js': `const express = require('express'); const { Pool } = require('pg'); const axios = require('axios');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_SIZE) });
const app = express();
app.get('/orders', async (q, s) => { await axios.get(process.env.USERS_URL + '/users'); s.json(await pool.query('SELECT * FROM orders')); });
app.listen(3000);`,
  'users/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
  'users/package.json': JSON.stringify({ name: 'users', main: 'index.js', dependencies: { express: '4' } }),
  'users/index.js': `const app = require('express')(); app.get('/users', (q, s) => s.json([])); app.listen(3000);`,
};
const workload = (name: string, more = '', env = '', kind = 'Deployment', image = `registry.example.com/shop/${name}:1.2`): string =>
  manifest(`
    apiVersion: apps/v1
    kind: ${kind}
    metadata: { name: ${name} }
    spec:
      ${more}
      selector: { matchLabels: { app: ${name} } }
      template:
        metadata: { labels: { app: ${name} } }
        spec:
          containers:
            - name: main
              image: ${image}
              resources: { limits: { cpu: 500m, memory: 256Mi } }
              env:
                - { name: NODE_ENV, value: production }
${env.replace(/^/gm, '                ')}
    `);
const service = (name: string, selects = name, type = 'ClusterIP'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec:\n  type: ${type}\n  selector: { app: ${selects} }\n  ports: [{ port: 80 }]\n`;
const config = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata:\n  USERS_URL: http://people.shop.svc.cluster.local\n  POOL_SIZE: "7"\n`;
const url = 'postgres://shop:hunter2hunter2@main-db:5432/shop';
const secret = `apiVersion: v1\nkind: Secret\nmetadata: { name: credentials }\ndata:\n  url: ${Buffer.from(url).toString('base64')}\n`;
const ENV = `- { name: USERS_URL, valueFrom: { configMapKeyRef: { name: settings, key: USERS_URL } } }
- { name: POOL_SIZE, valueFrom: { configMapKeyRef: { name: settings, key: POOL_SIZE } } }
- { name: DATABASE_URL, valueFrom: { secretKeyRef: { name: credentials, key: url } } }`;
const hpa =
  'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: orders }\nspec:\n  scaleTargetRef: { kind: Deployment, name: orders }\n  minReplicas: 2\n  maxReplicas: 9\n';
const ingress =
  'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: front }\nspec:\n  rules:\n    - http:\n        paths:\n          - { path: /, pathType: Prefix, backend: { service: { name: orders, port: { number: 80 } } } }\n';
const database = `${workload('main-db', 'serviceName: main-db', '', 'StatefulSet', 'postgres:16')}\n---\n${service('main-db')}`;
const whole = {
  ...code,
  'k8s/config/all.yaml': `${config}---\n${secret}`,
  'k8s/orders.yaml': `${workload('orders', 'replicas: 3', ENV)}\n---\n${service('orders')}`,
  'k8s/users.yml': `${workload('users')}\n---\n${service('people', 'users')}`,
  'k8s/db.yaml': database,
};
const one = (it: Topology, id: string) => it.components.find((component) => component.id === id);

describe('manifests of a cluster', () => {
  it('workloads are services, a Service that is called otherwise leads to its workload, settings come from ConfigMap and Secret', async () => {
    const topology = await topologyOf(whole);
    expect(componentsOf(topology)).toEqual(['main-db database', 'orders service', 'users service']);
    expect(callsOf(topology)).toEqual(['orders http users', 'orders query main-db']);
    expect(topology.pools).toMatchObject([{ max: { value: 7, basis: 'declared' }, target: 'main-db' }]);
    expect(one(topology, 'orders')).toMatchObject({ replicas: { value: 3, place: { file: 'k8s/orders.yaml', line: 5 } }, cores: { value: 0.5 } });
    expect(topology.deployments).toMatchObject([{ id: 'k8s', source: 'kubernetes', active: true }]);
    expect(JSON.stringify(topology)).not.toMatch(/hunter2/);
  });

  it.each<[string, Record<string, string>, (it: Topology) => unknown, unknown]>([
    ['an autoscaler: replicas are its most', { 'k8s/hpa.yaml': hpa }, (it) => one(it, 'orders')?.replicas, { value: 9, place: { file: 'k8s/hpa.yaml', line: 7 } }],
    [
      'what an autoscaler aims at: its share of what a pod requests (its limit where nothing is), and its least',
      { 'k8s/hpa.yaml': `${hpa}  metrics:\n    - type: Resource\n      resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } }\n` },
      (it) => one(it, 'orders')?.autoscaling,
      {
        least: { value: 2, basis: 'declared', place: { file: 'k8s/hpa.yaml', line: 6 } },
        targetCores: { value: 0.3, unit: 'cores', basis: 'derived', place: { file: 'k8s/hpa.yaml', line: 10 } },
      },
    ],
    ['the same, as version 1 says it', { 'k8s/hpa.yaml': `${hpa}  targetCPUUtilizationPercentage: 80\n` }, (it) => one(it, 'orders')?.autoscaling?.targetCores, { value: 0.4 }],
    ['an autoscaler that aims at something else is only its most', { 'k8s/hpa.yaml': hpa }, (it) => one(it, 'orders')?.autoscaling ?? null, null],
    [
      'threads of libuv',
      { 'k8s/orders.yaml': `${workload('orders', 'replicas: 3', `${ENV}\n- { name: UV_THREADPOOL_SIZE, value: "16" }`)}\n---\n${service('orders')}` },
      (it) => one(it, 'orders')?.threads,
      { value: 16, basis: 'declared', place: { file: 'k8s/orders.yaml' } },
    ],
    ['an Ingress lets requests in', { 'k8s/ingress.yaml': ingress }, (it) => it.endpoints.filter((e) => e.external).map((e) => e.id), ['orders GET /orders']],
    ['a Job runs once and is no service', { 'k8s/job.yaml': workload('migrate', '', '', 'Job') }, (it) => one(it, 'migrate') ?? null, null],
    [
      'a compose file beside it is for desks',
      { 'docker-compose.yml': 'services:\n  orders:\n    build: ./orders\n  mailhog:\n    image: mailhog/mailhog\n' },
      (it) => [it.deployments.map((d) => `${d.id} ${d.stage} ${d.active}`), one(it, 'mailhog')],
      [['k8s unmarked true', 'docker-compose.yml development false'], undefined],
    ],
    [
      'a folder per stage: production counts',
      { 'k8s/prod/more.yaml': workload('users') },
      (it) => it.deployments.map((d) => `${d.id} ${d.stage} ${d.active}`),
      ['k8s unmarked false', 'k8s/prod production true'],
    ],
  ])('%s', async (_name, files, read, expected) => {
    const seen = read(await topologyOf({ ...whole, ...files }));
    if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) expect(seen).toMatchObject(expected);
    else expect(seen).toEqual(expected);
  });

  it('a broken manifest is a problem at its line, the others count', async () => {
    const topology = await topologyOf({ ...whole, 'k8s/broken.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: [\n' });
    expect(topology.problems).toMatchObject([{ file: 'k8s/broken.yaml' }]);
    expect(componentsOf(topology)).toHaveLength(3);
  });

  it('other YAML says nothing, broken or not', async () => {
    const topology = await topologyOf({ ...whole, 'docs/openapi.yaml': 'openapi: 3.0.0\nkind: api\n', 'data/odd.yaml': 'a: [1\n  b: }' });
    expect(topology.problems).toEqual([]);
  });
});

describe('kustomize', () => {
  const base = {
    ...code,
    'deploy/base/kustomization.yaml': 'resources: [orders.yaml, db.yaml]\n',
    'deploy/base/orders.yaml': workload('orders', 'replicas: 1', '- { name: DATABASE_URL, value: postgres://main-db/shop }'),
    'deploy/base/db.yaml': database,
  };
  it('the production overlay is judged, with its patches and counts', async () => {
    const topology = await topologyOf({
      ...base,
      'deploy/overlays/dev/kustomization.yaml': 'resources: [../../base]\n',
      'deploy/overlays/prod/kustomization.yaml': 'resources: [../../base]\npatches: [{ path: cpu.yaml }]\nreplicas:\n  - { name: orders, count: 4 }\n',
      'deploy/overlays/prod/cpu.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: orders }\nspec:\n  template:\n    spec:\n      containers:\n        - name: main\n          resources: { limits: { cpu: "2" } }\n',
    });
    expect(topology.deployments.map((it) => `${it.id} ${it.active}`)).toEqual(['deploy/overlays/dev false', 'deploy/overlays/prod true']);
    expect(one(topology, 'orders')).toMatchObject({ replicas: { value: 4, place: { file: 'deploy/overlays/prod/kustomization.yaml', line: 4 } }, cores: { value: 2 } });
    expect(callsOf(topology)).toEqual(['orders query main-db']);
  });
});

describe('Helm', () => {
  const chart = (template: string, values: string): Record<string, string> => ({
    ...code,
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\n',
    'chart/values.yaml': values,
    'chart/templates/orders.yaml': template,
    'chart/templates/_helpers.tpl': '{{- define "shop.labels" -}}\napp: x\n{{- end }}\n',
  });
  const template = manifest(`
    {{- if .Values.orders.enabled }}
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: {{ include "shop.fullname" . }}-orders
      labels:
        {{- include "shop.labels" . | nindent 4 }}
    spec:
      {{- if not .Values.autoscaling.enabled }}
      replicas: {{ .Values.orders.replicas | default 2 }}
      {{- end }}
      selector:
        matchLabels:
          {{- include "shop.selectorLabels" . | nindent 6 }}
      template:
        metadata:
          labels:
            {{- include "shop.selectorLabels" . | nindent 8 }}
        spec:
          containers:
            - name: orders
              image: "{{ .Values.image.registry }}/orders:{{ .Values.image.tag | default .Chart.AppVersion }}"
              env:
                - name: DATABASE_URL
                  value: {{ printf "postgres://%s/shop" .Values.database.host | quote }}
                {{- range $key, $value := .Values.orders.env }}
                - name: {{ $key }}
                  value: {{ $value | quote }}
                {{- end }}
    {{- end }}
    `);
  const values =
    'image:\n  registry: example.com\n  tag: "1"\nautoscaling: { enabled: false }\ndatabase: { host: main-db }\norders:\n  enabled: true\n  replicas: 5\n  env:\n    MODE: fast\n    POOL_SIZE: "7"\n';

  it('values reach replicas, images and variables; places are the lines of the template', async () => {
    const topology = await topologyOf({ ...chart(template, values), 'chart/templates/db.yaml': database });
    expect(one(topology, 'shop-orders')).toMatchObject({ replicas: { value: 5, place: { file: 'chart/templates/orders.yaml', line: 10 } } });
    expect(callsOf(topology)).toEqual(['shop-orders query main-db']);
    expect(topology.pools).toMatchObject([{ max: { value: 7 } }]);
    expect(topology.problems).toEqual([]);
  });

  it.each<[string, string, string, unknown]>([
    ['a default', template, values.replace('  replicas: 5\n', ''), { value: 2 }],
    ['an autoscaler that leaves replicas to itself', template, values.replace('autoscaling: { enabled: false }', 'autoscaling: { enabled: true }'), { basis: 'platformDefault' }],
    ['production values over the others', template, values, { value: 8 }],
  ])('%s', async (name, text, given, replicas) => {
    const topology = await topologyOf({ ...chart(text, given), ...(name.startsWith('production') && { 'chart/values-production.yaml': 'orders: { replicas: 8 }\n' }) });
    const found = one(topology, 'shop-orders')?.replicas;
    if (name.startsWith('an auto')) expect(found).toMatchObject({ value: 1 });
    else expect(found).toMatchObject(replicas as object);
  });

  const pod = (head: string, rest: string): string =>
    manifest(`
    apiVersion: v1
    kind: Pod
    metadata:
      name: try-it
${head}
    spec:
${rest}
      containers:
        - name: main
          image: busybox
    `);
  // https://helm.sh/docs/topics/chart_tests/, https://helm.sh/docs/topics/charts_hooks/
  it.each<[string, string, string, boolean]>([
    ['a hook of `helm test`', '      annotations:\n        "helm.sh/hook": test', '', false],
    ['a hook before an upgrade', '      annotations:\n        "helm.sh/hook": pre-upgrade', '', false],
    ['a pod that is never started again', '', '      restartPolicy: Never', false],
    ['a pod that stays', '', '      restartPolicy: Always', true],
  ])('%s', async (_name, head, rest, isThere) => {
    const topology = await topologyOf({ ...chart(template, values), 'chart/templates/tests/try-it.yaml': pod(head, rest) });
    expect(one(topology, 'try-it') !== undefined).toBe(isThere);
  });

  it('a disabled workload is not there', async () => {
    const topology = await topologyOf({ ...chart(template, values.replace('enabled: true', 'enabled: false')), 'chart/templates/db.yaml': database });
    expect(one(topology, 'shop-orders')).toBeUndefined();
  });

  it('what a template says beyond that is unknown, with a problem on its line', async () => {
    const odd = template.replace('{{ .Values.orders.replicas | default 2 }}', '{{ mul .Values.orders.replicas 2 }}');
    const topology = await topologyOf(chart(odd, values));
    expect(topology.problems).toMatchObject([{ file: 'chart/templates/orders.yaml', line: 10 }]);
    expect(one(topology, 'shop-orders')?.replicas).not.toMatchObject({ value: 10 });
  });
});

// https://helm.sh/docs/chart_template_guide/subcharts_and_globals/, https://helm.sh/docs/topics/charts/#chart-dependencies
describe('subcharts', () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "any.fullname" . }}
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Chart.Name }} } }
  template:
    metadata: { labels: { app: {{ .Chart.Name }} } }
    spec:
      containers:
        - name: main
          image: "{{ .Values.global.registry }}/{{ .Chart.Name }}:1"
`;
  const charts = (values: string, more: Record<string, string> = {}) =>
    topologyOf({
      'chart/Chart.yaml':
        'apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - name: orders\n    version: 1.0.0\n  - name: mails\n    version: 1.0.0\n    condition: mails.enabled\n  - name: common\n    alias: users\n    version: 1.0.0\n    repository: file://../common\n',
      'chart/values.yaml': `global: { registry: example.com }\nreplicas: 1\n${values}`,
      'chart/templates/app.yaml': deployment,
      'chart/charts/orders/Chart.yaml': 'apiVersion: v2\nname: orders\nversion: 1.0.0\n',
      'chart/charts/orders/values.yaml': 'replicas: 2\n',
      'chart/charts/orders/templates/app.yaml': deployment,
      'chart/charts/mails/Chart.yaml': 'apiVersion: v2\nname: mails\nversion: 1.0.0\n',
      'chart/charts/mails/values.yaml': 'replicas: 3\n',
      'chart/charts/mails/templates/app.yaml': deployment,
      'common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 1.0.0\n',
      'common/values.yaml': 'replicas: 4\n',
      'common/templates/app.yaml': deployment,
      ...more,
    });
  const replicas = (it: Topology): unknown[] => it.components.map((one) => [one.id, one.replicas.state === 'known' && one.replicas.value]).sort();

  it.each<[string, string, unknown[]]>([
    [
      'each with its own values',
      '',
      [
        ['shop', 1],
        ['shop-mails', 3],
        ['shop-orders', 2],
        ['shop-users', 4],
      ],
    ],
    [
      "under the parent's, one of them switched off",
      'orders: { replicas: 7 }\nusers: { replicas: 9 }\nmails: { enabled: false }\n',
      [
        ['shop', 1],
        ['shop-orders', 7],
        ['shop-users', 9],
      ],
    ],
  ])('%s', async (_name, values, expected) => {
    const topology = await charts(values);
    expect(replicas(topology)).toEqual(expected);
    expect(topology.deployments.map((it) => it.id)).toEqual(['chart']);
    expect(topology.problems).toEqual([]);
  });
});
