import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerRuntimeClient } from 'testcontainers';

/** An engine that says nothing for this long is as good as none, in milliseconds. */
const ANSWERS_WITHIN_MS = 10_000;

const WHAT_TO_DO =
  'TEST_SERVERS=containers needs a container engine: start Docker, or let DOCKER_HOST say where one is, ' +
  'or leave TEST_SERVERS out, and the tests run on the development servers';

/** @throws in ten seconds at most, and with a line that says what to do, when there is no container engine */
export async function containerEngine(withinMs = ANSWERS_WITHIN_MS): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const silence = new AbortController();
  const late = sleep(withinMs, undefined, { signal: silence.signal }).then(() => {
    throw new Error('it does not answer');
  });
  try {
    return await Promise.race([getContainerRuntimeClient(), late]);
  } catch (error) {
    throw new Error(`${WHAT_TO_DO} (${(error as Error).message})`, { cause: error });
  } finally {
    silence.abort();
    late.catch(() => undefined);
  }
}

/** Where the ports of its containers are reached. */
export async function containerHost(): Promise<string> {
  return (await containerEngine()).info.containerRuntime.host;
}
