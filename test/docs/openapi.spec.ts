import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv } from 'ajv';
import { readDocument } from './generated.js';
import { documentOfApi, OPENAPI_FILE, renderOpenApi } from './openapi-document.js';

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

/** Returns every object in the document, including itself. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const part of Object.values(value)) yield* objectsIn(part);
}

describe('docs/openapi.json', () => {
  it('equals what the API says (if not, run npm run docs -- openapi)', async () => {
    expect(readDocument(OPENAPI_FILE)).toBe(await renderOpenApi(document));
  });
});

describe('the OpenAPI document', () => {
  it('follows the rules of OpenAPI 3.0 for schemas', () => {
    const rules = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(SCHEMA_RULES, 'utf8')) as object,
    );
    const schemas = Object.values(document.components?.schemas ?? {});
    expect(schemas.length).toBeGreaterThan(10);
    for (const schema of schemas) expect([schema, rules(schema), rules.errors]).toEqual([schema, true, null]);
    expect(rules({ type: 'objekt' })).toBe(false);
  });

  it('contains no dangling reference', () => {
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

  it('states security, errors and links of every operation below /v1', () => {
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
