import { createLocalJWKSet } from 'jose';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { createLogger, Health, type Queryable } from '#libs/platform';
import { CommandChannel } from '../../apps/api/src/commands/command-channel.js';
import { ApiConfig } from '../../apps/api/src/config.js';
import { createApp } from '../../apps/api/src/create-app.js';
import { openApiDocument } from '../../apps/api/src/http/openapi.js';
import { TokenVerifier } from '../../apps/api/src/identity/token-verifier.js';

class NoChannel extends CommandChannel {
  override ask(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** The document of the app itself. Nothing is asked of the app's servers for it, so there are none. */
export async function documentOfApi(): Promise<OpenAPIObject> {
  const config = Object.assign(new ApiConfig(), { PUBLIC_URL: 'https://invitations.example' });
  const app = await createApp({
    config,
    logger: createLogger('openapi', 'silent'),
    health: new Health(),
    metrics: new Registry(),
    db: {} as Queryable,
    channel: new NoChannel(),
    verifier: new TokenVerifier(createLocalJWKSet({ keys: [] }), { issuer: '', audience: '' }),
    linkKeys: undefined,
  });
  try {
    return JSON.parse(JSON.stringify(openApiDocument(app))) as OpenAPIObject;
  } finally {
    await app.close();
  }
}
