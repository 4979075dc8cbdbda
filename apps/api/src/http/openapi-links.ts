import type { OpenAPIObject } from '@nestjs/swagger';

const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: { type: 'string' as const } } },
});

const token = {
  name: 'token',
  in: 'path' as const,
  required: true,
  description: 'Signed, for one purpose, with an end. Opaque.',
  schema: { type: 'string' as const },
};

const pages = {
  200: page('What the link is for, or what the button has done.'),
  410: page('No longer open, or no link of ours: the same page whatever the cause.'),
  503: page('Something that is needed does not answer; later it may.'),
};

/** The pages behind the links of e-mails. They are no part of the API for programs but for RFC 8058. */
export const LINK_PATHS: OpenAPIObject['paths'] = {
  '/l/{token}': {
    get: {
      operationId: 'showLink',
      tags: ['links'],
      summary: 'The page behind a link in an e-mail. Changes nothing, whoever follows it.',
      parameters: [token],
      responses: pages,
    },
    post: {
      operationId: 'pressButtonOfLink',
      tags: ['links'],
      summary: 'Does what the link is for. A mail program may send it by itself to unsubscribe (RFC 8058).',
      parameters: [token],
      requestBody: {
        content: {
          'application/x-www-form-urlencoded': { schema: { type: 'object' } },
          'multipart/form-data': { schema: { type: 'object' } },
        },
      },
      responses: {
        ...pages,
        202: page('The outcome is not known yet; pressing again asks for the same.'),
        400: page('A body that is no form.'),
        413: page('More than 64 KiB.'),
        415: page('No form.'),
        429: page('Too many presses.'),
      },
    },
  },
};
