import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { notFound } from './problem.js';

const DESCRIPTION = `Invitations to connect: sent, answered and withdrawn.

Refusals are problems of RFC 9457 with a \`code\`. \`docs/http-api.md\` explains every code.`;

export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Invitations')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'The `sub` of the token is the member. Tokens of operators have `operator` in their `scope`.',
    })
    .build();
  const operationIdFactory = (_controller: string, method: string) => method;
  return completeDocument(SwaggerModule.createDocument(app, config, { operationIdFactory }));
}

/** Serves the document at `/docs-json`, and a page to read it at `/docs`. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => createOpenApiDocument(app), {
    raw: ['json'],
    jsonDocumentUrl: 'docs-json',
  });
}

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Responses = Operation['responses'];

const METHODS = ['get', 'post', 'put'] as const;

/** Documents the header of every response. */
const REQUEST_ID_DOC = {
  'X-Request-Id': {
    description:
      "The caller's id of the request, or a new one. Give it to an operator when you report a problem.",
    schema: { type: 'string' as const },
  },
};

const RETRY_AFTER_DOC = {
  'Retry-After': {
    description: 'Seconds to wait before the request is repeated.',
    schema: { type: 'integer' as const, minimum: 1 },
  },
};

/** Adds to every operation what holds for all of them: common problems, headers, and the links of e-mails. */
function completeDocument(document: OpenAPIObject): OpenAPIObject {
  Object.assign(document.paths, LINK_PATHS);
  const bodies = new Set<string>();
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      if (operation.security !== undefined) addCommonProblems(operation, method);
      addHeaders(operation.responses);
      const body = bodySchemaName(operation);
      if (body !== undefined) bodies.add(body);
    }
  }
  // Requests with unknown fields are rejected (400). Responses may get new fields in later versions.
  for (const name of bodies) {
    Object.assign(document.components?.schemas?.[name] ?? {}, { additionalProperties: false });
  }
  return document;
}

function addCommonProblems({ responses }: Operation, method: string): void {
  addProblem(responses, 401, 'UNAUTHENTICATED');
  addProblem(responses, 429, 'RATE_LIMITED');
  addProblem(responses, 500, 'INTERNAL');
  addProblem(responses, 503, 'UNAVAILABLE');
  if (method === 'get') return;
  addProblem(responses, 400, 'INVALID_COMMAND');
  addProblem(responses, 413, 'INVALID_COMMAND');
  addProblem(responses, 415, 'INVALID_COMMAND');
}

function addProblem(responses: Responses, status: number, code: string): void {
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
      ...REQUEST_ID_DOC,
      ...(status === '401' ? { 'WWW-Authenticate': { schema: { type: 'string' } } } : {}),
      ...(status === '429' || status === '503' ? RETRY_AFTER_DOC : {}),
    };
  }
}

/** Returns the name of the schema of the request body. */
function bodySchemaName({ requestBody }: Operation): string | undefined {
  if (requestBody === undefined || '$ref' in requestBody) return undefined;
  const schema = requestBody.content['application/json']?.schema;
  return schema !== undefined && '$ref' in schema ? schema.$ref.split('/').at(-1) : undefined;
}

const describePage = (description: string) => ({
  description,
  content: { 'text/html': { schema: { type: 'string' as const } } },
});

const TOKEN_PARAMETER = {
  name: 'token',
  in: 'path' as const,
  required: true,
  description: 'Opaque: signed, for one purpose, with an expiry.',
  schema: { type: 'string' as const },
};

const LINK_RESPONSES = {
  200: describePage('The page of the link, or the result of its form.'),
  410: describePage('No longer open, or an invalid link: the same page for every cause.'),
  503: describePage('A dependency does not respond. The same request may succeed later.'),
};

/** The pages behind the links of e-mails. Programs use only one-click unsubscription (RFC 8058). */
const LINK_PATHS: OpenAPIObject['paths'] = {
  '/l/{token}': {
    get: {
      operationId: 'showLink',
      tags: ['links'],
      summary: 'The page behind a link in an e-mail. Changes nothing.',
      parameters: [TOKEN_PARAMETER],
      responses: LINK_RESPONSES,
    },
    post: {
      operationId: 'pressButtonOfLink',
      tags: ['links'],
      summary:
        'Performs the action of the link. A mail program may send it by itself to unsubscribe (RFC 8058).',
      parameters: [TOKEN_PARAMETER],
      requestBody: {
        content: {
          'application/x-www-form-urlencoded': { schema: { type: 'object' } },
          'multipart/form-data': { schema: { type: 'object' } },
        },
      },
      responses: {
        ...LINK_RESPONSES,
        202: describePage(
          'The outcome is not known yet; submitting the page again repeats the same command.',
        ),
        400: describePage('The body is not a form.'),
        413: describePage('More than 64 KiB.'),
        415: describePage('Not a form.'),
        429: describePage('Too many submissions.'),
      },
    },
  },
};

/** The files of the package that the page at `/docs` loads. */
const DOCS_FILES = new Set([
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-16x16.png',
  'favicon-32x32.png',
]);

const DOCS_ROUTES = new Set(['/docs/', '/docs/swagger-ui-init.js']);

/** Serves nothing else of that package: it contains source maps, its package.json and other builds. */
export function restrictDocsFiles(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { url = '' } = request.routeOptions;
    if (!url.startsWith('/docs/') || DOCS_ROUTES.has(url)) return done();
    const file = (request.params as Readonly<Record<string, string>> | null)?.['*'];
    done(file !== undefined && DOCS_FILES.has(file) ? undefined : notFound());
  });
}
