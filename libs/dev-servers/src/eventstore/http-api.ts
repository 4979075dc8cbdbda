import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import {
  type Access,
  AccessDeniedError,
  commonNameOf,
  NotAuthenticatedError,
  type User,
} from './access/access.js';
import { UserExistsError, UserNotFoundError, type Users } from './access/users.js';
import { SERVER_VERSION } from './grpc/unary.handlers.js';

const MAX_BODY_BYTES = 64 * 1024;
const RESET_PASSWORD = /^\/users\/([^/]+)\/command\/reset-password$/;

class BadBodyError extends Error {}

/** The part of EventStoreDB's HTTP API that tools and tests use: health, version, and the management of users. */
export function createHttpApi(access: Access, users: Users): RequestListener {
  const routes = new Routes(access, users);
  return (request, response) => {
    routes.handle(request, response).catch((error: unknown) => {
      response.writeHead(toStatus(error)).end();
    });
  };
}

class Routes {
  constructor(
    private readonly access: Access,
    private readonly users: Users,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const caller = this.access.authenticate({
      authorization: request.headers.authorization,
      certificateName:
        socket instanceof TLSSocket && socket.authorized
          ? commonNameOf(socket.getPeerCertificate())
          : undefined,
    });
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const route = `${request.method} ${pathname.replace(/(?<=.)\/$/, '')}`;
    if (route === 'GET /health/live') return void response.writeHead(204).end();
    if (route === 'GET /info') return sendJson(response, 200, info());
    if (route === 'POST /users') return this.#createUser(caller, request, response);
    const [, login] = (request.method === 'POST' && RESET_PASSWORD.exec(pathname)) || [];
    if (login !== undefined) return this.#resetPassword(caller, decodeURIComponent(login), request, response);
    response.writeHead(404).end();
  }

  async #createUser(caller: User, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.access.requireAdmin(caller);
    const { loginName, fullName, groups = [], password } = await readJsonBody(request);
    if (!isNonEmptyString(loginName) || !isNonEmptyString(password) || !areNonEmptyStrings(groups))
      throw new BadBodyError();
    const user = { loginName, fullName: isNonEmptyString(fullName) ? fullName : loginName, groups };
    await this.users.create(user, password);
    response.writeHead(201, { location: `/users/${encodeURIComponent(loginName)}` }).end();
  }

  async #resetPassword(
    caller: User,
    login: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    this.access.requireAdmin(caller);
    const { newPassword } = await readJsonBody(request);
    if (!isNonEmptyString(newPassword)) throw new BadBodyError();
    await this.users.resetPassword(login, newPassword);
    response.writeHead(200).end();
  }
}

function info() {
  return {
    dbVersion: SERVER_VERSION,
    state: 'leader',
    features: { projections: false, userManagement: true, atomPub: false },
    authentication: { type: 'internal', properties: {} },
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readJsonBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BadBodyError();
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch {
    // Treated like any other body that is not an object.
  }
  throw new BadBodyError();
}

const isNonEmptyString = (value: unknown): value is string => typeof value === 'string' && value !== '';

const areNonEmptyStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(isNonEmptyString);

function toStatus(error: unknown): number {
  if (error instanceof NotAuthenticatedError || error instanceof AccessDeniedError) return 401;
  if (error instanceof BadBodyError) return 400;
  if (error instanceof UserExistsError) return 409;
  if (error instanceof UserNotFoundError) return 404;
  return 500;
}
