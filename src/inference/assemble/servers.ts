import type { PackageClaim } from '../detector.ts';

const SERVERS =
  /^(express|fastify|koa|@hapi\/hapi|@nestjs\/core|@apollo\/server|apollo-server|apollo-server-express|bullmq|bull|kafkajs|hono|@hono\/node-server|restify|polka|@loopback\/rest|@feathersjs\/feathers|@overnightjs\/core|inversify-express-utils|routing-controllers|amqplib|socket\.io|pg-boss|agenda|bee-queue|graphql-yoga|mercurius|@grpc\/grpc-js|@trpc\/server|sqs-consumer|nats|@nats-io\/transport-node|node-nats-streaming|mqtt|sails|@adonisjs\/core|@strapi\/strapi|moleculer|elysia|parse-server|@medusajs\/medusa|@keystone-6\/core|@vendure\/core|@tinyhttp\/app|hyper-express|uWebSockets\.js|h3|oak)$/;

/** What a package depends on that serves or consumes. */
export const serverOf = (pkg: PackageClaim): string | undefined => Object.keys(pkg.dependencies).find((it) => SERVERS.test(it));
export const hasServer = (pkg: PackageClaim): boolean => serverOf(pkg) !== undefined;
