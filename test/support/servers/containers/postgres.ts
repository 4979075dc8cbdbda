import type { TestPostgres } from '../../test-servers.js';
import { composed } from './compose.js';
import { startContainer, stopContainer, type Reached, type ServerContainer } from './container.js';

const PORT = 5432;

/** Without a password, because it exists for one test file. */
export function postgresContainer(): ServerContainer {
  return {
    image: composed('postgres').image,
    environment: { POSTGRES_DB: 'invitations', POSTGRES_HOST_AUTH_METHOD: 'trust' },
    ports: [PORT],
    // By TCP, because the server that the image runs during its initialization does not accept TCP.
    ready: { command: 'pg_isready --host 127.0.0.1 --username postgres --dbname invitations' },
  };
}

export const postgresUrl = (container: Reached): string =>
  `postgres://postgres@${container.getHost()}:${container.getMappedPort(PORT)}/invitations`;

export async function startPostgresContainer(): Promise<TestPostgres> {
  const container = await startContainer(postgresContainer());
  return { url: postgresUrl(container), stop: () => stopContainer(container) };
}
