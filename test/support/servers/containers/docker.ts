import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerRuntimeClient } from 'testcontainers';

/** In milliseconds. An engine that does not respond for this long counts as missing. */
const ANSWERS_WITHIN_MS = 10_000;

const WHAT_TO_DO =
  'TEST_SERVERS=containers needs a container engine: start Docker, or let DOCKER_HOST say where one is, ' +
  'or leave TEST_SERVERS out, and the tests run on the development servers';

/** @throws within ten seconds, with one line that says what to do, when there is no container engine */
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

/** Returns the host of the containers' ports. */
export async function containerHost(): Promise<string> {
  return (await containerEngine()).info.containerRuntime.host;
}
