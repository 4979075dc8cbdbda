import type { StartedTestContainer, Wait } from 'testcontainers';

/** The request for a container with a server. */
export interface ServerContainer {
  readonly image: string;
  readonly platform?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Ports inside the container. Each is mapped to a free port outside, unless one is given. */
  readonly ports: readonly (number | { readonly container: number; readonly host: number })[];
  /** The condition that shows that the server is ready. */
  readonly ready:
    | { readonly path: string; readonly port: number }
    | { readonly log: RegExp }
    | { readonly command: string };
}

/** The address of a started container. */
export type Reached = Pick<StartedTestContainer, 'getHost' | 'getMappedPort'>;

/** In milliseconds. A busy machine may have to unpack an image. */
const READY_WITHIN_MS = 120_000;

/** @throws when the engine cannot start the container, or the server is not ready in time */
export async function startContainer(wanted: ServerContainer): Promise<StartedTestContainer> {
  // Loaded only when containers are used.
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = new GenericContainer(wanted.image)
    .withEnvironment({ ...wanted.environment })
    .withExposedPorts(...wanted.ports)
    .withWaitStrategy(strategy(wanted.ready, Wait))
    .withStartupTimeout(READY_WITHIN_MS);
  if (wanted.platform !== undefined) container.withPlatform(wanted.platform);
  return container.start();
}

/** Stops the container and removes it with its data. */
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
