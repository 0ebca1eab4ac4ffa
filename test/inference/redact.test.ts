import { describe, expect, it } from 'vitest';
import { keptLiteral, keptVariable } from '../../src/inference/code/redact.ts';

describe('environment values', () => {
  it.each<[string, string, string | null]>([
    ['DB_HOST', 'db', 'db'],
    ['DB_PORT', '5432', '5432'],
    ['USER_HOST', 'user', 'user'],
    ['DATABASE_URL', 'postgres://shop:hunter2@db:5432/shop?sslmode=require&connection_limit=5', 'postgres://db:5432/shop?sslmode=&connection_limit=5'],
    ['DATABASE_URL', 'postgres://shop:${PASSWORD:-hunter2}@db/shop', 'postgres://db/shop'],
    ['KAFKA_BROKERS', 'a:9092,b:9092', 'a:9092,b:9092'],
    ['REDIS_URL', 'redis://:hunter2@cache:6379', 'redis://cache:6379'],
    ['DB_PASSWORD', 'db', null],
    ['DB_USER', 'admin', null],
    ['JWT_SECRET', '12345', null],
    ['STRIPE_KEY_URL', 'sk_live_abcdefgh', null],
    ['API_SERVER', 'AKIAIOSFODNN7EXAMPLE', null],
    ['GREETING', 'hello', null],
  ])('%s=%s', (name, value, kept) => expect(keptVariable(name, value)).toBe(kept));
});

describe('literals in code', () => {
  it.each<[string, string | null]>([
    ['/users/:id', '/users/:id'],
    ['email-queue', 'email-queue'],
    ['https://user:pw@api.example.com/v1', 'https://api.example.com/v1'],
    ["SELECT * FROM t WHERE k = 'hunter2'", "SELECT * FROM t WHERE k = ''"],
    ['ghp_0123456789abcdef', null],
    ['9f86d081884c7d659a2feaa0c55ad015', null],
  ])('%s', (literal, kept) => expect(keptLiteral(literal)).toBe(kept));
});
