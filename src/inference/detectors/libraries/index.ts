import type { LibraryDetector } from '../../detector.ts';
import amqplib from './amqplib.ts';
import apollo from './apollo.ts';
import asyncContext from './async-context.ts';
import bcrypt from './bcrypt.ts';
import bullmq from './bullmq.ts';
import cdk from './cdk.ts';
import changeCase from './change-case.ts';
import cluster from './cluster.ts';
import ms from './ms.ts';
import express from './express.ts';
import rateLimit from './express-rate-limit.ts';
import fastify from './fastify.ts';
import fileRoutes from './file-routes.ts';
import folderLoaders from './folder-loaders.ts';
import http from './http.ts';
import httpClients from './http-clients.ts';
import httpProxy from './http-proxy.ts';
import injection from './injection.ts';
import kafkajs from './kafkajs.ts';
import middleware from './middleware.ts';
import mongodb from './mongodb.ts';
import mongoose from './mongoose.ts';
import mysql2 from './mysql2.ts';
import nestjs from './nestjs.ts';
import nestjsMongoose from './nestjs-mongoose.ts';
import nestjsTypeorm from './nestjs-typeorm.ts';
import nodemailer from './nodemailer.ts';
import opossum from './opossum.ts';
import passport from './passport.ts';
import pg from './pg.ts';
import prisma from './prisma.ts';
import redlock from './redlock.ts';
import sst from './sst.ts';
import reactRouterRoutes from './react-router-routes.ts';
import redis from './redis.ts';
import sequelize from './sequelize.ts';
import sqlite from './sqlite.ts';
import throng from './throng.ts';
import timers from './timers.ts';
import typeorm from './typeorm.ts';
import nestjsAxios from './nestjs-axios.ts';
import nestjsBull from './nestjs-bull.ts';
import nestjsConfig from './nestjs-config.ts';
import nestjsGraphql from './nestjs-graphql.ts';
import nestjsKysely from './nestjs-kysely.ts';
import nestjsPrisma from './nestjs-prisma.ts';
import nestjsSlonik from './nestjs-slonik.ts';
import expressWs from './express-ws.ts';
import nestjsKnex from './nestjs-knex.ts';
import nestjsMailer from './nestjs-mailer.ts';
import nestjsMicroservices from './nestjs-microservices.ts';
import nestjsPassport from './nestjs-passport.ts';
import nestjsSchedule from './nestjs-schedule.ts';
import nestjsSequelize from './nestjs-sequelize.ts';
import nestjsThrottler from './nestjs-throttler.ts';
import nestjsWebsockets from './nestjs-websockets.ts';
import rxjs from './rxjs.ts';
import knex from './knex.ts';
import postgresJs from './postgres-js.ts';
import kysely from './kysely.ts';
import lambdaAdapters from './lambda-adapters.ts';
import drizzle from './drizzle.ts';
import aws from './aws.ts';
import searchEngines from './search-engines.ts';
import clickhouse from './clickhouse.ts';
import koa from './koa.ts';
import hono from './hono.ts';
import outsideServices from './outside-services.ts';
import grpcJs from './grpc-js.ts';
import nats from './nats.ts';
import natsStreaming from './nats-streaming.ts';
import socketIo from './socket-io.ts';
import trpc from './trpc.ts';
import validatedEnvironment from './validated-environment.ts';
import nodeCache from './node-cache.ts';
import lodash from './lodash.ts';
import feathers from './feathers.ts';
import orpc from './orpc.ts';
import decoratedControllers from './decorated-controllers.ts';
import overnight from './overnight.ts';
import loopback from './loopback.ts';
import lruCache from './lru-cache.ts';
import memcached from './memcached.ts';
import keyv from './keyv.ts';
import cacheManager from './cache-manager.ts';
import nestjsCache from './nestjs-cache.ts';
import pgBoss from './pg-boss.ts';
import agenda from './agenda.ts';
import beeQueue from './bee-queue.ts';
import cronJobs from './cron-jobs.ts';
import axiosRetry from './axios-retry.ts';
import retryWrappers from './retry-wrappers.ts';
import cockatiel from './cockatiel.ts';
import concurrencyLimits from './concurrency-limits.ts';
import tokens from './tokens.ts';
import objectMerge from './object-merge.ts';
import observability from './observability.ts';
import sharp from './sharp.ts';
import shutdown from './shutdown.ts';
import sessions from './sessions.ts';
import rateLimiterFlexible from './rate-limiter-flexible.ts';
import dataloader from './dataloader.ts';
import graphqlFiles from './graphql-files.ts';
import graphqlYoga from './graphql-yoga.ts';
import mercurius from './mercurius.ts';
import nestjsCqrs from './nestjs-cqrs.ts';
import nestjsTerminus from './nestjs-terminus.ts';
import classTransformer from './class-transformer.ts';
import configFiles from './config-files.ts';
import eventEmitters from './event-emitters.ts';
import nodePaths from './node-paths.ts';
import nodeUtil from './node-util.ts';
import fastifyAutoload from './fastify-autoload.ts';
import fastifyRateLimit from './fastify-rate-limit.ts';
import fastifyDatabases from './fastify-databases.ts';
import workerThreads from './worker-threads.ts';
import collections from './collections.ts';
import identifiers from './identifiers.ts';
import nodeWork from './node-work.ts';
import mikroOrm from './mikro-orm.ts';
import nestjsMikroOrm from './nestjs-mikro-orm.ts';
import nestjsRedis from './nestjs-redis.ts';
import objection from './objection.ts';
import pgPromise from './pg-promise.ts';
import qstash from './qstash.ts';
import upstashRatelimit from './upstash-ratelimit.ts';
import slonik from './slonik.ts';
import unread from './unread.ts';

/** Every library that code is read for. */
export const LIBRARIES: readonly LibraryDetector[] = [
  amqplib,
  apollo,
  bcrypt,
  bullmq,
  cluster,
  throng,
  sqlite,
  injection,
  lodash,
  ms,
  express,
  rateLimit,
  fastify,
  fileRoutes,
  folderLoaders,
  http,
  httpClients,
  httpProxy,
  kafkajs,
  middleware,
  mongodb,
  mongoose,
  mysql2,
  nestjs,
  nestjsMongoose,
  nestjsTypeorm,
  nodemailer,
  opossum,
  passport,
  pg,
  prisma,
  reactRouterRoutes,
  redis,
  redlock,
  sequelize,
  timers,
  typeorm,
  nestjsAxios,
  nestjsBull,
  nestjsConfig,
  nestjsGraphql,
  nestjsKysely,
  nestjsSlonik,
  nestjsPrisma,
  expressWs,
  nestjsKnex,
  nestjsMailer,
  nestjsMicroservices,
  nestjsPassport,
  nestjsSchedule,
  nestjsSequelize,
  nestjsThrottler,
  nestjsWebsockets,
  rxjs,
  knex,
  postgresJs,
  kysely,
  lambdaAdapters,
  drizzle,
  aws,
  searchEngines,
  clickhouse,
  koa,
  hono,
  outsideServices,
  grpcJs,
  nats,
  natsStreaming,
  socketIo,
  trpc,
  orpc,
  validatedEnvironment,
  nodeCache,
  feathers,
  overnight,
  decoratedControllers,
  loopback,
  lruCache,
  memcached,
  keyv,
  cacheManager,
  nestjsCache,
  pgBoss,
  agenda,
  beeQueue,
  cronJobs,
  axiosRetry,
  retryWrappers,
  cockatiel,
  concurrencyLimits,
  tokens,
  objectMerge,
  observability,
  shutdown,
  sessions,
  rateLimiterFlexible,
  dataloader,
  graphqlFiles,
  graphqlYoga,
  mercurius,
  nestjsCqrs,
  nestjsTerminus,
  classTransformer,
  configFiles,
  eventEmitters,
  nodePaths,
  nodeUtil,
  fastifyAutoload,
  fastifyRateLimit,
  fastifyDatabases,
  workerThreads,
  collections,
  identifiers,
  nodeWork,
  sharp,
  mikroOrm,
  nestjsMikroOrm,
  nestjsRedis,
  objection,
  pgPromise,
  slonik,
  asyncContext,
  cdk,
  changeCase,
  sst,
  qstash,
  upstashRatelimit,
  unread,
];
