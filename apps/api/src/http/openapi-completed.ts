import type { OpenAPIObject } from '@nestjs/swagger';
import { LINK_PATHS } from './openapi-links.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Responses = Operation['responses'];

const METHODS = ['get', 'post', 'put'] as const;

/** On every answer. */
const REQUEST_ID = {
  'X-Request-Id': {
    description: "The request's own id, or a new one: name it when you ask an operator.",
    schema: { type: 'string' as const },
  },
};

const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds until the same request is worth another try.',
    schema: { type: 'integer' as const, minimum: 1 },
  },
};

/** What holds for every operation is said here once, and not at each of them. */
export function completed(document: OpenAPIObject): OpenAPIObject {
  Object.assign(document.paths, LINK_PATHS);
  const bodies = new Set<string>();
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      if (operation.security !== undefined) addCommonProblems(operation, method);
      addHeaders(operation.responses);
      const body = bodySchemaOf(operation);
      if (body !== undefined) bodies.add(body);
    }
  }
  // A field that is not known is refused (400). Answers promise less: later versions may say more.
  for (const name of bodies) {
    Object.assign(document.components?.schemas?.[name] ?? {}, { additionalProperties: false });
  }
  return document;
}

function addCommonProblems({ responses }: Operation, method: string): void {
  add(responses, 401, 'UNAUTHENTICATED');
  add(responses, 429, 'RATE_LIMITED');
  add(responses, 500, 'INTERNAL');
  add(responses, 503, 'UNAVAILABLE');
  if (method === 'get') return;
  add(responses, 400, 'INVALID_COMMAND');
  add(responses, 413, 'INVALID_COMMAND');
  add(responses, 415, 'INVALID_COMMAND');
}

function add(responses: Responses, status: number, code: string): void {
  responses[status] ??= {
    description: `\`${code}\``,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemResponse' } } },
  };
}

function addHeaders(responses: Responses): void {
  for (const [status, response] of Object.entries(responses)) {
    if (response === undefined || '$ref' in response) continue;
    response.headers = {
      ...response.headers,
      ...REQUEST_ID,
      ...(status === '401' ? { 'WWW-Authenticate': { schema: { type: 'string' } } } : {}),
      ...(status === '429' || status === '503' ? RETRY_AFTER : {}),
    };
  }
}

/** The name of the schema of its body. */
function bodySchemaOf({ requestBody }: Operation): string | undefined {
  if (requestBody === undefined || '$ref' in requestBody) return undefined;
  const schema = requestBody.content['application/json']?.schema;
  return schema !== undefined && '$ref' in schema ? schema.$ref.split('/').at(-1) : undefined;
}
