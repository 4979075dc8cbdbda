import type { EventStoreUnderTest } from '../../support/under-test.js';
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

/** One host in the address: the client takes it as it is, and does not ask for a cluster behind it. */
export const eventStoreUrl = (container: Reached): string =>
  `esdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;

export async function startEventStoreContainer(): Promise<EventStoreUnderTest> {
  const container = await startContainer(eventStoreContainer());
  return { url: eventStoreUrl(container), stop: () => stopContainer(container) };
}
