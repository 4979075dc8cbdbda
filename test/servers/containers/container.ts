import type { StartedTestContainer, Wait } from 'testcontainers';

/** A server in a container, as the container engine is asked for it. */
export interface ServerContainer {
  readonly image: string;
  readonly platform?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Inside; each is given a free one outside, save where one is named. */
  readonly ports: readonly (number | { readonly container: number; readonly host: number })[];
  /** What shows that it serves. */
  readonly ready:
    | { readonly path: string; readonly port: number }
    | { readonly log: RegExp }
    | { readonly command: string };
}

/** Where a started container is reached. */
export type Reached = Pick<StartedTestContainer, 'getHost' | 'getMappedPort'>;

/** An image may have to be unpacked, on a machine that has other things to do. In milliseconds. */
const READY_WITHIN_MS = 120_000;

/** @throws when the engine cannot start it, or it does not serve in time */
export async function startContainer(wanted: ServerContainer): Promise<StartedTestContainer> {
  // Only who asks for containers waits for this library to be loaded.
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = new GenericContainer(wanted.image)
    .withEnvironment({ ...wanted.environment })
    .withExposedPorts(...wanted.ports)
    .withWaitStrategy(strategy(wanted.ready, Wait))
    .withStartupTimeout(READY_WITHIN_MS);
  if (wanted.platform !== undefined) container.withPlatform(wanted.platform);
  return container.start();
}

/** Stops it and removes it with its data. */
export async function stopContainer(container: StartedTestContainer): Promise<void> {
  await container.stop({ remove: true, removeVolumes: true });
}

function strategy(ready: ServerContainer['ready'], wait: typeof Wait) {
  if ('log' in ready) return wait.forLogMessage(ready.log);
  if ('command' in ready) return wait.forSuccessfulCommand(ready.command);
  return wait
    .forHttp(ready.path, ready.port)
    .forStatusCodeMatching((status) => status >= 200 && status < 300);
}
