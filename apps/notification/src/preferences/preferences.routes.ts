import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidData, MEMBER_ID, parseJson, validated } from '#libs/contracts';
import type { Logger, Pool } from '#libs/platform';
import { EmailPreferences } from './email-preferences.dto.js';
import { findPreferences, isPreference, savePreferences, turnOff } from './preferences.table.js';

const PATH = /^\/internal\/members\/([^/?]*)\/email-preferences(?:\/([^/?]*))?$/;

/** More than any valid body has, in bytes. */
const LONGEST_BODY = 4_096;

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly allow?: string;
}

/**
 * `GET | PUT /internal/members/<memberId>/email-preferences`, and `DELETE …/<one of them>`, which turns it off; for the api
 * app, which knows who asks. There is no login here: a network policy lets nothing but the api app and the cluster's
 * monitoring reach this port.
 * @returns whether the request was for this
 */
export function preferencesRoutes(pool: Pool, logger: Logger) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const [, memberId, which] = PATH.exec(request.url ?? '') ?? [];
    if (memberId === undefined) return false;
    void answerTo(pool, request, memberId, which)
      .catch((error: unknown): Answer => {
        if (error instanceof InvalidData) return problem(400, 'INVALID_COMMAND', error.message);
        logger.error({ err: error }, 'preferences could not be read or written');
        return problem(503, 'UNAVAILABLE', 'the preferences are out of reach');
      })
      .then(({ status, body, allow }) => {
        const type = status < 400 ? 'application/json' : 'application/problem+json';
        const headers = {
          'content-type': type,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        };
        response.writeHead(status, { ...headers, ...(allow === undefined ? {} : { allow }) });
        response.end(JSON.stringify(body));
      });
    return true;
  };
}

async function answerTo(
  pool: Pool,
  request: IncomingMessage,
  memberId: string,
  which: string | undefined,
): Promise<Answer> {
  if (!MEMBER_ID.test(memberId)) throw new InvalidData(['the path must hold a member id']);
  if (which !== undefined) {
    if (!isPreference(which)) throw new InvalidData(['the path must end in a kind of e-mail, or all']);
    if (request.method !== 'DELETE') {
      return { ...problem(405, 'INVALID_COMMAND', 'DELETE'), allow: 'DELETE' };
    }
    await turnOff(pool, memberId, which);
    return { status: 200, body: await findPreferences(pool, memberId) };
  }
  if (request.method === 'PUT') {
    const wanted = validated(EmailPreferences, parseJson(await bodyOf(request)));
    await savePreferences(pool, memberId, wanted);
    return { status: 200, body: wanted };
  }
  if (request.method === 'GET') return { status: 200, body: await findPreferences(pool, memberId) };
  return { ...problem(405, 'INVALID_COMMAND', 'GET or PUT'), allow: 'GET, PUT' };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new InvalidData([`the body has more than ${LONGEST_BODY} bytes`]);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: 'about:blank', title: detail, status, code },
});
