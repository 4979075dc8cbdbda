import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parseCommand, parseEvent, parseProfile, TOPICS, type ReceivedMessage } from '#libs/contracts';
import type { Message } from './async-messages.js';
import { asyncApi } from './asyncapi.js';
import { PUBLIC_COMMANDS, schemas } from './catalogue.js';
import { DOCS, generatedFiles } from './files.js';

const document = asyncApi();
const messages: [string, Message][] = Object.entries(document.components.messages);

describe('the documents of the contract', () => {
  it('equal what the DTOs say (if not, run npm run docs -- contract)', () => {
    for (const [path, text] of generatedFiles()) expect(readFileSync(new URL(path, DOCS), 'utf8')).toBe(text);
    const there = readdirSync(new URL('contract/schemas', DOCS), { recursive: true, encoding: 'utf8' });
    expect(there.filter((path) => path.endsWith('.json')).toSorted()).toEqual(
      Object.keys(schemas())
        .map((name) => `${name}.json`)
        .toSorted(),
    );
  });

  it('are an AsyncAPI 3.0 document by its official schema', () => {
    const official = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object;
    const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
    addFormats.default(ajv);
    expect(ajv.validate(official, document) ? [] : ajv.errors).toEqual([]);
  });

  it.each(Object.entries(schemas()))(
    'have a schema that generators of code understand: %s',
    (_name, schema) => {
      expect(schema.title).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(Object.keys(schema)).toEqual(expect.not.arrayContaining(['oneOf', 'anyOf', 'allOf', 'not']));
      for (const { type, title, pattern, enum: values } of Object.values(schema.properties!)) {
        expect(typeof type).toBe('string');
        // RE2, the regular expressions of Go, has neither lookaheads nor \\u.
        expect(pattern ?? '').not.toMatch(/\(\?[=!<]|\\u/);
        expect(values ?? []).not.toContain(null);
        expect(values === undefined || /^[A-Z]/.test(title ?? '')).toBe(true);
      }
    },
  );

  it('contain no dangling reference', () => {
    const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path] of refs) {
      const target = path!
        .split('/')
        .reduce((at: unknown, name) => (at as Record<string, unknown>)?.[name], document);
      expect([path, target]).toEqual([path, expect.anything()]);
    }
  });

  it('have a channel for every topic, and a message for every command that others may publish', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses.filter((address) => address !== null).toSorted()).toEqual(
      Object.values(TOPICS).toSorted(),
    );
    expect(Object.keys(document.channels['commands']!.messages)).toEqual([...PUBLIC_COMMANDS]);
  });

  const examples = messages.flatMap(([name, message]) =>
    (message.examples ?? []).map(({ headers, payload }) => ({ name, message, headers, payload })),
  );

  it.each(examples)('$name: has a valid example', ({ name, message, headers, payload }) => {
    const ajv = new Ajv2020({ strict: true });
    addFormats.default(ajv);
    expect(ajv.validate(document.components.schemas[name]!, payload) ? [] : ajv.errors).toEqual([]);
    expect(ajv.validate(message.headers ?? {}, headers ?? {}) ? [] : ajv.errors).toEqual([]);
  });

  it.each(examples.filter(({ name }) => name !== 'invitations.outcome.v1'))(
    '$name: has an example that the service parses',
    ({ name, headers, payload }) => {
      const all = (headers ?? {}) as Record<string, string>;
      const read = reader(name)({ value: Buffer.from(JSON.stringify(payload)), header: (key) => all[key] });
      expect(read).toEqual(payload);
    },
  );
});

/** The parser for a message of that name, which returns its data. */
function reader(name: string): (message: ReceivedMessage) => unknown {
  if (name === 'profile') return parseProfile;
  const parse = PUBLIC_COMMANDS.some((type) => type === name) ? parseCommand : parseEvent;
  return (message) => parse(message).data;
}

describe('docs/contract.html', () => {
  const html = generatedFiles().get('contract.html')!;

  it('has an anchor for every message, and no broken link', () => {
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [name] of messages) expect(ids).toContain(name);
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('needs no script and nothing from other hosts', () => {
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|src=|https?:\/\/(?!network\.example)/);
  });
});
