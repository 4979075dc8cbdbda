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
import { Registry } from 'prom-client';
import type { CommandMessage, CommandOutcome } from '#libs/contracts';
import { type LinkKeys, parseLinkKeys } from '#libs/mail';
import { createLogger, createPool, Health, type Logger, migrate, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { CommandChannel } from '../../apps/api/src/commands/command-channel.js';
import { ApiConfig } from '../../apps/api/src/config.js';
import { createApp } from '../../apps/api/src/create-app.js';
import { openApiDocument } from '../../apps/api/src/http/openapi.js';
import { TokenVerifier } from '../../apps/api/src/identity/token-verifier.js';
import { postgresUnderTest } from '../support/postgres.js';
import { OpenApiContract } from './openapi-contract.js';

/** An embedded database runs initdb, which takes its time on a busy machine. */
export const START_MS = 300_000;

export const ISSUER = 'https://sign-in.example';
export const AUDIENCE = 'invitations';
export const PUBLIC_URL = 'https://invitations.example';
export const LINK_KEYS = parseLinkKeys(`k1:${Buffer.alloc(32, 1).toString('base64url')}`);

/** The tests ask more, and faster, than any member. */
export const NO_LIMITS: Partial<ApiConfig> = {
  RATE_ADDRESS: undefined,
  RATE_MEMBER: undefined,
  RATE_SEND: undefined,
  RATE_WRONG_EMAIL: undefined,
  RATE_WRONG_EMAIL_RECIPIENT: undefined,
  RATE_LINK_ADDRESS: undefined,
  RATE_LINK: undefined,
};

/** Stands for Kafka and the command app: keeps what is published, and answers as it is told. */
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

  override async ask(command: CommandMessage): Promise<CommandOutcome | undefined> {
    this.published.push(command);
    return this.answer(command);
  }
}

/** Stands for the notification app. */
export class FakeNotification {
  requests: { method: string | undefined; url: string | undefined; body: string }[] = [];
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
    this.requests.push({ method: request.method, url: request.url, body: await text(request) });
    response.writeHead(this.answer.status, { 'content-type': 'application/json' }).end(this.answer.body);
  }
}

/** What a test may want otherwise. */
export interface Setting {
  readonly logger?: Logger;
  readonly statementMs?: number;
}

export interface ApiUnderTest {
  readonly app: NestFastifyApplication;
  /** Sends a request, and holds the answer against the OpenAPI document. */
  readonly inject: (request: InjectOptions & { url: string }) => Promise<LightMyRequestResponse>;
  readonly db: Pool;
  readonly channel: FakeChannel;
  readonly notification: FakeNotification;
  /** The issuer's keys, as the app has them, and the one behind them. */
  readonly jwks: JSONWebKeySet;
  readonly privateKey: CryptoKey;
  /** A token of the issuer that the app trusts. */
  token(claims?: JWTPayload, header?: { expires?: string }): Promise<string>;
  /** The header of a member who is signed in. */
  as(memberId: string, scope?: string): Promise<{ authorization: string }>;
  stop(): Promise<void>;
}

/** The app over a real database; only Kafka, the issuer and the notification app are played. */
export async function apiUnderTest(
  env: Partial<ApiConfig> = {},
  linkKeys: LinkKeys | null = LINK_KEYS,
  { logger = createLogger('api-under-test', 'silent'), statementMs = 30_000 }: Setting = {},
): Promise<ApiUnderTest> {
  const postgres = await postgresUnderTest();
  const db = createPool({ url: postgres.url, app: 'api-under-test', statementMs }, logger);
  await migrate(db, readModelMigrations, logger);
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] };
  const keys = createLocalJWKSet(jwks);
  const notification = await FakeNotification.start();
  const channel = new FakeChannel();
  channel.accept();
  const own = { PUBLIC_URL, NOTIFICATION_URL: notification.url, ...NO_LIMITS };
  const config = Object.assign(new ApiConfig(), own, env);
  const app = await createApp({
    config,
    logger,
    health: new Health(),
    metrics: new Registry(),
    db,
    channel,
    verifier: new TokenVerifier(keys, { issuer: ISSUER, audience: AUDIENCE }),
    linkKeys: linkKeys ?? undefined,
  });
  const contract = new OpenApiContract(openApiDocument(app));
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
