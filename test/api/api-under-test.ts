import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { Registry } from 'prom-client';
import type { CommandMessage, CommandOutcome } from '#libs/contracts';
import { type LinkKeys, parseLinkKeys } from '#libs/mail';
import { createLogger, createPool, Health, migrate, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { CommandChannel } from '../../apps/api/src/commands/command-channel.js';
import { ApiConfig } from '../../apps/api/src/config.js';
import { createApp } from '../../apps/api/src/create-app.js';
import { TokenVerifier } from '../../apps/api/src/identity/token-verifier.js';
import { postgresUnderTest } from '../support/postgres.js';

/** An embedded database runs initdb, which takes its time on a busy machine. */
export const START_MS = 60_000;

export const ISSUER = 'https://sign-in.example';
export const AUDIENCE = 'invitations';
export const PUBLIC_URL = 'https://invitations.example';
export const LINK_KEYS = parseLinkKeys(`k1:${Buffer.alloc(32, 1).toString('base64url')}`);

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

export interface ApiUnderTest {
  readonly app: NestFastifyApplication;
  readonly inject: NestFastifyApplication['inject'];
  readonly db: Pool;
  readonly channel: FakeChannel;
  readonly notification: FakeNotification;
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
): Promise<ApiUnderTest> {
  const logger = createLogger('api-under-test', 'silent');
  const postgres = await postgresUnderTest();
  const db = createPool({ url: postgres.url, app: 'api-under-test' }, logger);
  await migrate(db, readModelMigrations, logger);
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] });
  const notification = await FakeNotification.start();
  const channel = new FakeChannel();
  channel.accept();
  const config = Object.assign(new ApiConfig(), { PUBLIC_URL, NOTIFICATION_URL: notification.url }, env);
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
  const token = (claims: JWTPayload = {}, { expires = '5m' } = {}) =>
    new SignJWT({ sub: 'bob', ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setIssuer(claims.iss ?? ISSUER)
      .setAudience(claims.aud ?? AUDIENCE)
      .setExpirationTime(expires)
      .sign(privateKey);
  return {
    app,
    inject: app.inject.bind(app),
    db,
    channel,
    notification,
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
