import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv } from 'ajv';
import { format, resolveConfig } from 'prettier';
import { documentOfApi } from './openapi-document.js';

const FILE = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

/** The rules of OpenAPI 3.0 for schemas, as JSON Schema. The AsyncAPI project ships them. */
const SCHEMA_RULES = new URL(
  '../../node_modules/@asyncapi/specs/definitions/2.6.0/openapiSchema_3_0.json',
  import.meta.url,
);

let document: OpenAPIObject;

beforeAll(async () => {
  document = await documentOfApi();
});

interface Operation {
  readonly operationId?: string;
  readonly security?: unknown;
  readonly parameters?: readonly { name: string; in: string; required?: boolean }[];
  readonly requestBody?: unknown;
  readonly responses: Record<
    string,
    {
      description?: string;
      headers?: Record<string, unknown>;
      content?: Record<string, { schema?: object }>;
    }
  >;
}

const operations = (): [string, string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(
      ([method, operation]) => [path, method, operation] as [string, string, Operation],
    ),
  );

/** Every object in the document, itself included. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const part of Object.values(value)) yield* objectsIn(part);
}

describe('docs/openapi.json', () => {
  it('is what the API says of itself; if not, npm run docs:openapi', async () => {
    const text = await format(JSON.stringify(document), { ...(await resolveConfig(FILE)), parser: 'json' });
    if (process.env['WRITE_DOCS'] === 'openapi') writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8')).toBe(text);
  });
});

describe('the OpenAPI document', () => {
  it('keeps the rules of OpenAPI 3.0 for schemas', () => {
    const rules = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(SCHEMA_RULES, 'utf8')) as object,
    );
    const schemas = Object.values(document.components?.schemas ?? {});
    expect(schemas.length).toBeGreaterThan(10);
    for (const schema of schemas) expect([schema, rules(schema), rules.errors]).toEqual([schema, true, null]);
    expect(rules({ type: 'objekt' })).toBe(false);
  });

  it('refers to nothing that it does not hold', () => {
    const names = new Set(Object.keys(document.components?.schemas ?? {}));
    const references = [...objectsIn(document)].flatMap(({ $ref }) =>
      typeof $ref === 'string' ? [$ref] : [],
    );
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\//);
      expect(names).toContain(reference.split('/').at(-1));
    }
  });

  it('names every operation once, and the parameters of its path', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
    for (const [path, , { parameters = [] }] of operations()) {
      const declared = parameters.filter((one) => one.in === 'path' && one.required === true);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(declared.map(({ name }) => name)).toEqual(named);
    }
  });

  it('says of everything below /v1 who may ask and what may go wrong, and where it goes on', () => {
    for (const [path, method, { security, responses }] of operations()) {
      const what = `${method} ${path}`;
      for (const response of Object.values(responses))
        expect([what, response.description]).toEqual([what, expect.any(String)]);
      expect([what, security !== undefined]).toEqual([what, path.startsWith('/v1/')]);
      if (!path.startsWith('/v1/')) continue;
      const expected = ['401', '429', '500', '503', ...(method === 'get' ? [] : ['400', '413', '415'])];
      expect([what, ...Object.keys(responses)]).toEqual(expect.arrayContaining([what, ...expected]));
      expect(responses['429']?.headers).toHaveProperty('Retry-After');
      expect(responses['503']?.headers).toHaveProperty('Retry-After');
      expect(responses['401']?.headers).toHaveProperty('WWW-Authenticate');
      expect(Object.keys(responses['202']?.headers ?? { Location: 1 })).toContain('Location');
    }
  });
});
