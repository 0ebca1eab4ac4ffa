import { keptLiteral } from '../code/redact.ts';
import type { Problem } from '../../model/topology.ts';
import type { FileDetector, SchemaClaim } from '../detector.ts';
import { tablesOf } from './prisma-models.ts';

const ENGINES: Record<string, string> = {
  postgresql: 'postgres',
  postgres: 'postgres',
  mysql: 'mysql',
  sqlite: 'sqlite',
  sqlserver: 'mssql',
  mongodb: 'mongodb',
  cockroachdb: 'cockroachdb',
};

/** Prisma's schema: which server it is for, where its URL stands, and where the client is generated. */
export default {
  id: 'prisma-schema',
  matches: (path) => path.endsWith('.prisma'),
  detect(path, text) {
    const claim: { -readonly [K in keyof SchemaClaim]: SchemaClaim[K] } = { kind: 'schema', place: { file: path, line: 1 } };
    let block = '';
    text.split(/\r?\n/).forEach((line, index) => {
      const opened = /^\s*(datasource|generator)\s+\w+\s*\{/.exec(line);
      if (opened) block = opened[1] as string;
      else if (/^\s*\}/.test(line)) block = '';
      const [, name, value = ''] = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
      if (block === 'generator' && name === 'output') claim.output = /^"([^"]*)"/.exec(value)?.[1];
      if (block !== 'datasource') return;
      const place = { file: path, line: index + 1 };
      if (name === 'provider') {
        const engine = ENGINES[/^"(\w+)"/.exec(value)?.[1] ?? ''];
        if (engine) claim.engine = { value: engine, place };
      }
      if (name !== 'url') return;
      const variable = /^env\(\s*"(\w+)"\s*\)/.exec(value)?.[1];
      const literal = keptLiteral(/^"([^"]*)"/.exec(value)?.[1] ?? '');
      if (variable) claim.variable = { value: variable, place };
      else if (literal) claim.url = { value: literal, place };
    });
    const changes = tablesOf(path, text);
    return {
      claims: [...(claim.engine || claim.output ? [claim] : []), ...(changes.length > 0 ? [{ kind: 'schemaChanges' as const, changes, place: { file: path, line: 1 } }] : [])],
      problems: openBlock(path, text),
    };
  },
} satisfies FileDetector;

/** A block that the next one begins in, or that the file ends in. */
function openBlock(path: string, text: string): Problem[] {
  let from: number | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const opens = /^\s*(datasource|generator|model|enum|type|view)\s+\w+\s*\{/.test(line);
    if (opens && from !== undefined) break;
    if (opens) from = index + 1;
    if (/\}\s*(\/\/.*)?$/.test(line) && !/^\s*\w+\s.*@default\(/.test(line)) from = undefined;
  }
  return from === undefined ? [] : [{ file: path, line: from, message: 'This block does not end.' }];
}
