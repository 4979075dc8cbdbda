import { setTimeout as sleep } from 'node:timers/promises';
import { getContainerRuntimeClient } from 'testcontainers';
import { writtenManifests } from '../../deploy/support/files.js';
import { workloadsOf, type AppName } from '../../deploy/support/workloads.js';
import { until } from '../../support/until.js';
import { composeService, NETWORK } from './compose.js';
import { docker, logOf } from './docker.js';

interface PodSecurity {
  readonly runAsUser: number;
  readonly runAsGroup: number;
}
interface ContainerSecurity {
  readonly allowPrivilegeEscalation: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly capabilities: { readonly drop: readonly string[] };
}

/** The options of `docker run` for what the app's manifest demands of Kubernetes. */
function optionsOf(app: AppName): string[] {
  const { spec } = workloadsOf(writtenManifests().map(({ manifest }) => manifest)).find(
    ({ metadata }) => metadata.name === app,
  )!.spec.template;
  const container = spec.containers.find(({ name }) => name === app)!;
  const { runAsUser, runAsGroup } = spec.securityContext as PodSecurity;
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } =
    container.securityContext as ContainerSecurity;
  const memory = container.resources.limits['memory']!.replace(/Mi$/, 'm');
  return [
    `--user=${runAsUser}:${runAsGroup}`,
    `--memory=${memory}`,
    `--memory-swap=${memory}`,
    ...(readOnlyRootFilesystem ? ['--read-only'] : []),
    ...(allowPrivilegeEscalation ? [] : ['--security-opt=no-new-privileges']),
    ...capabilities.drop.map((capability) => `--cap-drop=${capability}`),
  ];
}

/** In production, as the image is, every URL for members must be https. */
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://invitations.example' };

/** One more replica of an app of the running compose file, with the rights and limits of the app's manifest. */
export class AppContainer {
  private constructor(
    readonly name: string,
    private readonly probe: readonly string[],
  ) {}

  static async create(app: AppName): Promise<AppContainer> {
    const { image, environment, healthcheck } = await composeService(app);
    const name = `replica-${app}`;
    const instance = app === 'api' ? { INSTANCE_ID: name } : {};
    const variables = Object.entries({ ...environment, ...PRODUCTION, ...instance });
    await docker(
      'create',
      `--name=${name}`,
      `--network=${NETWORK}`,
      ...optionsOf(app),
      ...variables.map(([key, value]) => `--env=${key}=${value}`),
      image,
    );
    const [, ...probe] = healthcheck.test;
    return new AppContainer(name, probe);
  }

  /** Returns at once, as a kubelet does: the container's processes have hardly begun. */
  async start(): Promise<void> {
    const { container } = await getContainerRuntimeClient();
    await container.getById(this.name).start();
  }

  /** Returns when the app's own health check passes. */
  async untilReady(): Promise<void> {
    const isReady = () =>
      docker('exec', this.name, ...this.probe).then(
        () => true,
        () => false,
      );
    await until(isReady, 90_000, `${this.name} to be ready`, 250);
  }

  /** Starts the container, and sends SIGTERM this number of milliseconds later. */
  async startAndTerminate(afterMs: number): Promise<void> {
    // Not by the client `docker`, which takes 50 ms for itself.
    const { container } = await getContainerRuntimeClient();
    const replica = container.getById(this.name);
    await replica.start();
    if (afterMs > 0) await sleep(afterMs);
    await replica.kill({ signal: 'SIGTERM' });
  }

  async terminate(): Promise<void> {
    await docker('kill', '--signal', 'SIGTERM', this.name);
  }

  /**
   * Waits for the end of the container.
   * @returns its exit code, 'killed' if it does not end within the grace period, and its log
   */
  async end(): Promise<{ code: number | 'killed'; log: string }> {
    const late = sleep(GRACE_MS, 'killed' as const, { ref: false });
    const code = await Promise.race([docker('wait', this.name).then(Number), late]);
    return { code, log: await logOf(this.name) };
  }

  async remove(): Promise<void> {
    await docker('rm', '--force', this.name);
  }
}

/** terminationGracePeriodSeconds of the manifests. */
const GRACE_MS = 30_000;
