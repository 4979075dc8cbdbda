import type { TestEventStore } from '../../test-servers.js';
import { composed } from './compose.js';
import { startContainer, stopContainer, type Reached, type ServerContainer } from './container.js';

const PORT = 2113;

export function eventStoreContainer(): ServerContainer {
  const { image, platform, environment = {} } = composed('eventstore');
  return {
    image,
    ...(platform === undefined ? {} : { platform }),
    environment,
    ports: [PORT],
    ready: { path: '/health/live', port: PORT },
  };
}

/** With one host in the address, the client uses it directly and does not discover a cluster. */
export const eventStoreUrl = (container: Reached): string =>
  `esdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;

export async function startEventStoreContainer(): Promise<TestEventStore> {
  const container = await startContainer(eventStoreContainer());
  return { url: eventStoreUrl(container), stop: () => stopContainer(container) };
}
