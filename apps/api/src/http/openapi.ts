import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { completed } from './openapi-completed.js';

const DESCRIPTION = `Invitations to connect: sent, answered and withdrawn.

Refusals are problems of RFC 9457 with a \`code\`. \`docs/http-api.md\` says what to do about each.`;

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Invitations')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'Its `sub` is the member who asks. Operators have `operator` in its `scope`.',
    })
    .build();
  const operationIdFactory = (_controller: string, method: string) => method;
  return completed(SwaggerModule.createDocument(app, config, { operationIdFactory }));
}

/** The document at `/docs-json`, and a page to read it at `/docs`. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    raw: ['json'],
    jsonDocumentUrl: 'docs-json',
  });
}
