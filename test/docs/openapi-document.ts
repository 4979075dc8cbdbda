import { createLocalJWKSet } from 'jose';
import type { OpenAPIObject } from '@nestjs/swagger';
import { format, resolveConfig } from 'prettier';
import { createLogger } from '#libs/platform';
import { POOL } from '#libs/service';
import { CommandChannel } from '../../apps/api/src/commands/kafka-command-channel.js';
import { ApiConfig } from '../../apps/api/src/config/api.config.js';
import { createHttpApp } from '../../apps/api/src/create-http-app.js';
import { createOpenApiDocument } from '../../apps/api/src/http/openapi.js';
import { TokenVerifier } from '../../apps/api/src/identity/token-verifier.js';

export const OPENAPI_FILE = 'docs/openapi.json';

class NoChannel extends CommandChannel {
  override send(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** Returns the document of the app, which is started without servers for this. */
export async function documentOfApi(): Promise<OpenAPIObject> {
  const config = Object.assign(new ApiConfig(), { PUBLIC_URL: 'https://invitations.example' });
  const logger = createLogger('openapi', 'silent');
  const fatal = () => undefined;
  const keys = createLocalJWKSet({ keys: [] });
  const app = await createHttpApp({ config, logger, fatal, now: () => new Date() }, [
    { provide: POOL, useValue: {} },
    { provide: CommandChannel, useClass: NoChannel },
    { provide: TokenVerifier, useValue: new TokenVerifier(keys, { issuer: '', audience: '' }) },
  ]);
  try {
    return JSON.parse(JSON.stringify(createOpenApiDocument(app))) as OpenAPIObject;
  } finally {
    await app.close();
  }
}

/** Renders the document as it is committed: as prettier formats it. */
export async function renderOpenApi(document: OpenAPIObject): Promise<string> {
  const options = await resolveConfig(OPENAPI_FILE);
  return format(JSON.stringify(document), { ...options, parser: 'json' });
}
