import { json, type Miniature, part, pool, QUERY, server } from './parts.ts';

const GO = 'FROM golang:1.24 AS build\nRUN go build -o /app\nFROM gcr.io/distroless/static\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n';

/** What deployment files say in words of their own: variables, layers, generated starts. */
export const DEPLOYMENTS: readonly Miniature[] = [
  {
    trap: 'images, Dockerfiles and addresses that a .env beside the compose file says',
    files: {
      ...part('src/api', server(`${pool('{ host: process.env.DB_HOST }')}`, QUERY), { express: '4', pg: '8' }),
      'src/mail/Dockerfile': GO,
      '.env':
        'DB_IMAGE=registry.example/postgres:18\nAPI_DOCKERFILE=./src/api/Dockerfile\nMAIL_DOCKERFILE=./src/mail/Dockerfile\nDB_HOST=ledger\nAPI_PORT=3000\nAPI_ADDR=http://api:${API_PORT}\n',
      'docker-compose.yml': `services:
  api:
    image: \${REGISTRY}/shop:\${TAG}-api
    build: { context: ./, dockerfile: "\${API_DOCKERFILE}" }
    ports: ["3000:3000"]
    environment:
      - DB_HOST
  mail:
    image: \${REGISTRY}/shop:\${TAG}-mail
    build: { context: ./, dockerfile: "\${MAIL_DOCKERFILE}" }
    ports: ["80:80"]
    environment:
      API_ADDR:
      DB_CONNECTION_STRING: Host=\${DB_HOST};Username=mail;Password=hunter2
  ledger:
    image: \${DB_IMAGE}
`,
    },
    nodes: ['api service', 'mail service', 'ledger database'],
    edges: ['api query ledger', 'mail http api', 'mail query ledger'],
  },
  {
    trap: 'a layer of compose that brings a broker and tells a service of the first file about it',
    files: {
      'checkout/Dockerfile': GO,
      'docker-compose.yml': 'services:\n  checkout:\n    build: ./checkout\n    ports: ["1:1"]\n',
      'docker-compose.full.yml': 'services:\n  kafka:\n    image: apache/kafka:4.0.0\n  checkout:\n    depends_on: [kafka]\n    environment:\n      KAFKA_ADDR: kafka:9092\n',
    },
    nodes: ['checkout service', 'kafka queue'],
    edges: ['checkout publish kafka'],
  },
  {
    trap: 'Next.js that is built to stand alone, with clients that a generator of gRPC code makes',
    files: {
      'web/Dockerfile': 'FROM node:24 AS build\nRUN npm run build\nFROM gcr.io/distroless/nodejs24-debian13\nCOPY --from=build /app/.next/standalone ./\nCMD ["server.js"]\n',
      'web/package.json': json({ name: 'web', scripts: { build: 'next build', start: 'node server.js' }, dependencies: { next: '16', '@grpc/grpc-js': '1' } }),
      'web/protos/shop.ts': `import { makeGenericClientConstructor } from '@grpc/grpc-js';
export const CartServiceService = { getCart: { path: '/shop.CartService/GetCart' as const, requestStream: false } } as const;
export const CartServiceClient = makeGenericClientConstructor(CartServiceService, 'shop.CartService');\n`,
      'web/clients.ts': `import { ChannelCredentials } from '@grpc/grpc-js';
import { CartServiceClient } from './protos/shop';
import { AdServiceClient } from './generated/ads';
const { CART_ADDR = '' } = process.env;
export const cart = new CartServiceClient(CART_ADDR, ChannelCredentials.createInsecure());
export const ads = new AdServiceClient(process.env.AD_ADDR, ChannelCredentials.createInsecure());\n`,
      'web/pages/api/cart.ts': `import { ads, cart } from '../../clients';
const of = (user) => new Promise((resolve, reject) => cart.getCart({ user }, (error, it) => (error ? reject(error) : resolve(it))));
export default async function handler(req, res) { ads.getAds({}, () => {}); res.json(await of(req.query.user)); }\n`,
      'cart/Dockerfile': GO,
      'ads/Dockerfile': GO,
      'docker-compose.yml':
        'services:\n  web:\n    build: web\n    ports: ["3000:3000"]\n    environment: { CART_ADDR: "cart:7070", AD_ADDR: "ads:7071" }\n  cart: { build: cart, expose: [7070], ports: ["7070"] }\n  ads: { build: ads, ports: ["7071"] }\n',
    },
    nodes: ['web service', 'cart service', 'ads service'],
    edges: ['web grpc cart', 'web grpc ads'],
  },
  {
    trap: "a load generator in another language is nobody's gateway",
    files: {
      ...part('api', server('', `app.get('/it', (q, s) => s.json({}));`)),
      ...part('shop', server('', `app.get('/shop', (q, s) => s.json({}));`)),
      'load/Dockerfile': 'FROM grafana/k6:2.0.0\nCOPY script.js .\n',
      'docker-compose.yml':
        'services:\n  api: { build: api, ports: ["1:3000"] }\n  shop: { build: shop, ports: ["2:3000"] }\n  load: { build: load, ports: ["3:3"], environment: { API_URL: "http://api:3000", SHOP_URL: "http://shop:3000" } }\n',
    },
    nodes: ['api service', 'shop service', 'load service'],
    edges: ['load http api', 'load http shop'],
  },
  {
    trap: 'a gateway whose image is built from the whole repository',
    files: {
      ...part('src/api', server('', `app.get('/it', (q, s) => s.json({}));`)),
      'src/edge/Dockerfile': 'FROM envoyproxy/envoy:v1.39.0\nCOPY src/edge/envoy.tmpl.yaml /etc/envoy/\n',
      'src/edge/envoy.tmpl.yaml': `static_resources:
  listeners:
    - filter_chains: [{ filters: [{ typed_config: { route_config: { virtual_hosts: [{ routes: [{ match: { prefix: "/" }, route: { cluster: api } }] }] } } }] }]
  clusters:
    - name: api
      load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: "\${API_HOST}", port_value: 3000 } } } }] }] }
`,
      'docker-compose.yml':
        'services:\n  api: { build: { context: ., dockerfile: src/api/Dockerfile } }\n  edge: { build: { context: ., dockerfile: src/edge/Dockerfile }, ports: ["80:80"], environment: { API_HOST: api } }\n',
    },
    nodes: ['api service', 'edge gateway'],
    edges: ['edge http api'],
  },
];
