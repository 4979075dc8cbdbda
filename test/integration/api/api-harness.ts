import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import {
  createLocalJWKSet,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { CommandMessage, CommandOutcome } from '#libs/contracts';
import { type LinkKeys, parseLinkKeys } from '#libs/mail';
import { createLogger, createPool, type Logger, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { POOL } from '#libs/service';
import { CommandChannel } from '../../../apps/api/src/commands/kafka-command-channel.js';
import { ApiConfig } from '../../../apps/api/src/config/api.config.js';
import { createHttpApp } from '../../../apps/api/src/create-http-app.js';
import { createOpenApiDocument } from '../../../apps/api/src/http/openapi.js';
import { LINK_KEYS as LINK_KEYS_TOKEN } from '../../../apps/api/src/links/link.js';
import { TokenVerifier } from '../../../apps/api/src/identity/token-verifier.js';
import { openTestPostgres } from '../../support/postgres.js';
import { OpenApiContract } from './openapi-contract.js';

/** An embedded database runs initdb, which is slow on a busy machine. */
export const START_MS = 300_000;

export const ISSUER = 'https://sign-in.example';
export const AUDIENCE = 'invitations';
export const PUBLIC_URL = 'https://invitations.example';
export const LINK_KEYS = parseLinkKeys(`k1:${Buffer.alloc(32, 1).toString('base64url')}`);

/** The tests send more requests, and faster, than any member. */
export const NO_LIMITS: Partial<ApiConfig> = {
  RATE_ADDRESS: undefined,
  RATE_MEMBER: undefined,
  RATE_SEND: undefined,
  RATE_WRONG_EMAIL: undefined,
  RATE_WRONG_EMAIL_RECIPIENT: undefined,
  RATE_REFUSALS: undefined,
  RATE_LINK_ADDRESS: undefined,
  RATE_LINK: undefined,
};

/** A fake of Kafka and the command app: records published commands, and responds as configured. */
export class FakeChannel extends CommandChannel {
  published: CommandMessage[] = [];
  answer: (command: CommandMessage) => Promise<CommandOutcome | undefined>;

  accept(): void {
    this.published = [];
    this.answer = async ({ commandId }) => ({ commandId, outcome: 'accepted' });
  }

  refuse(code: NonNullable<CommandOutcome['code']>): void {
    this.answer = async ({ commandId }) => ({ commandId, outcome: 'refused', code });
  }

  override async send(command: CommandMessage): Promise<CommandOutcome | undefined> {
    this.published.push(command);
    return this.answer(command);
  }
}

/** A fake of the notification app. */
export class FakeNotification {
  requests: { method: string | undefined; url: string | undefined; body: string }[] = [];
  /** The authorization header of each request. */
  authorizations: (string | undefined)[] = [];
  answer = { status: 200, body: '' };

  constructor(private readonly server: Server) {}

  static async start(): Promise<FakeNotification> {
    const server = createServer((request, response) => void fake.handle(request, response));
    const fake = new FakeNotification(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.authorizations.push(request.headers.authorization);
    this.requests.push({ method: request.method, url: request.url, body: await text(request) });
    response.writeHead(this.answer.status, { 'content-type': 'application/json' }).end(this.answer.body);
  }
}

/** Options of the harness. */
export interface Setting {
  readonly logger?: Logger;
  readonly statementMs?: number;
}

export interface ApiHarness {
  readonly app: NestFastifyApplication;
  /** Sends a request, and checks the response against the OpenAPI document. */
  readonly inject: (request: InjectOptions & { url: string }) => Promise<LightMyRequestResponse>;
  readonly db: Pool;
  readonly databaseUrl: string;
  readonly channel: FakeChannel;
  readonly notification: FakeNotification;
  /** The issuer's key set, as the app has it. */
  readonly jwks: JSONWebKeySet;
  readonly privateKey: CryptoKey;
  /** Creates a token of the issuer that the app trusts. */
  token(claims?: JWTPayload, header?: { expires?: string }): Promise<string>;
  /** Returns the authorization header of a member. */
  as(memberId: string, scope?: string): Promise<{ authorization: string }>;
  stop(): Promise<void>;
}

/** Starts the app on a real database, with fakes of Kafka, the issuer and the notification app. */
export async function openApiHarness(
  env: Partial<ApiConfig> = {},
  linkKeys: LinkKeys | null = LINK_KEYS,
  { logger = createLogger('api-harness', 'silent'), statementMs = 30_000 }: Setting = {},
): Promise<ApiHarness> {
  const postgres = await openTestPostgres(readModelMigrations);
  const db = createPool({ url: postgres.url, app: 'api-harness', statementTimeoutMs: statementMs }, logger);
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] };
  const keys = createLocalJWKSet(jwks);
  const notification = await FakeNotification.start();
  const channel = new FakeChannel();
  channel.accept();
  const own = { PUBLIC_URL, NOTIFICATION_URL: notification.url, ...NO_LIMITS };
  const config = Object.assign(new ApiConfig(), own, env);
  const verifier = new TokenVerifier(keys, { issuer: ISSUER, audience: AUDIENCE });
  const fatal = (reason: string) => {
    throw new Error(reason);
  };
  const app = await createHttpApp({ config, logger, fatal, now: () => new Date() }, [
    { provide: POOL, useValue: db },
    { provide: CommandChannel, useValue: channel },
    { provide: TokenVerifier, useValue: verifier },
    { provide: LINK_KEYS_TOKEN, useValue: linkKeys ?? undefined },
  ]);
  const contract = new OpenApiContract(createOpenApiDocument(app));
  const token = (claims: JWTPayload = {}, { expires = '5m' } = {}) =>
    new SignJWT({ sub: 'bob', ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setIssuer(claims.iss ?? ISSUER)
      .setAudience(claims.aud ?? AUDIENCE)
      .setExpirationTime(expires)
      .sign(privateKey);
  return {
    app,
    async inject(request) {
      const response = await app.inject(request);
      contract.check(request.method ?? 'GET', request.url, response);
      return response;
    },
    db,
    databaseUrl: postgres.url,
    channel,
    notification,
    jwks,
    privateKey,
    token,
    as: async (sub, scope) => ({
      authorization: `Bearer ${await token({ sub, ...(scope === undefined ? {} : { scope }) })}`,
    }),
    async stop() {
      await app.close();
      notification.stop();
      await db.end();
      await postgres.stop();
    },
  };
}
