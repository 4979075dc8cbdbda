import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidDataError, MEMBER_ID, parseJson, parseDto } from '#libs/contracts';
import { isInternalRequest, type Logger, type Pool } from '#libs/platform';
import {
  EmailPreferences,
  findPreferences,
  isPreference,
  savePreferences,
  turnOffPreference,
} from './preferences.table.js';

const PATH = /^\/internal\/members\/([^/?]*)\/email-preferences(?:\/([^/?]*))?$/;

/** Greatest length of a request body, in bytes. Every valid body is shorter. */
const MAX_BODY_BYTES = 4_096;

interface HttpResponse {
  readonly status: number;
  readonly body: object;
  readonly allow?: string;
  readonly challenge?: string;
  readonly retryAfter?: string;
}

/**
 * The internal API of e-mail preferences: `GET | PUT /internal/members/<memberId>/email-preferences`, and
 * `DELETE …/<preference>`, which turns one off. Only the api app calls it: it knows which member asks, and proves itself by a
 * secret. A network policy admits only the api app and the monitoring of the cluster to this port.
 * @param secrets accepted secrets; undefined, in development, to check none
 * @returns a handler that says whether the request was for this API
 */
export function preferencesRoutes(pool: Pool, secrets: string | undefined, logger: Logger) {
  let hasWarned = false;
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const [, memberId, preference] = PATH.exec(request.url ?? '') ?? [];
    if (memberId === undefined) return false;
    if (!isInternalRequest(secrets, request.headers.authorization)) {
      if (!hasWarned) {
        logger.warn(
          'refused a request for e-mail preferences without a valid secret: INTERNAL_SECRETS must be the same in the ' +
            'api app and here',
        );
      }
      hasWarned = true;
      send(response, { ...problem(401, 'UNAUTHENTICATED', 'Unauthorized'), challenge: 'Bearer' });
      return true;
    }
    void handle(pool, request, memberId, preference)
      .catch((error: unknown): HttpResponse => {
        if (error instanceof InvalidDataError) return problem(400, 'INVALID_COMMAND', error.message);
        logger.error(
          { err: error },
          'failed to read or write e-mail preferences; the caller is told to try again',
        );
        return { ...problem(503, 'UNAVAILABLE', 'the preferences are out of reach'), retryAfter: '5' };
      })
      .then((result) => send(response, result));
    return true;
  };
}

function send(response: ServerResponse, { status, body, allow, challenge, retryAfter }: HttpResponse): void {
  response.writeHead(status, {
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(allow === undefined ? {} : { allow }),
    ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  response.end(JSON.stringify(body));
}

async function handle(
  pool: Pool,
  request: IncomingMessage,
  memberId: string,
  preference: string | undefined,
): Promise<HttpResponse> {
  if (!MEMBER_ID.test(memberId)) throw new InvalidDataError(['the path must hold a member id']);
  if (preference !== undefined) {
    if (!isPreference(preference))
      throw new InvalidDataError(['the path must end in a kind of e-mail, or all']);
    if (request.method !== 'DELETE') {
      return { ...problem(405, 'INVALID_COMMAND', 'DELETE'), allow: 'DELETE' };
    }
    await turnOffPreference(pool, memberId, preference);
    return { status: 200, body: await findPreferences(pool, memberId) };
  }
  if (request.method === 'PUT') {
    const preferences = parseDto(EmailPreferences, parseJson(await readBody(request)));
    await savePreferences(pool, memberId, preferences);
    return { status: 200, body: preferences };
  }
  if (request.method === 'GET') return { status: 200, body: await findPreferences(pool, memberId) };
  return { ...problem(405, 'INVALID_COMMAND', 'GET or PUT'), allow: 'GET, PUT' };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new InvalidDataError([`the body has more than ${MAX_BODY_BYTES} bytes`]);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const problem = (status: number, code: string, detail: string): HttpResponse => ({
  status,
  body: { type: 'about:blank', title: detail, status, code },
});
