import { setTimeout as sleep } from 'node:timers/promises';
import { writtenManifests } from '../../deploy/support/files.js';
import { workloadsOf, type AppName } from '../../deploy/support/workloads.js';
import { until } from '../../support/until.js';
import { composeService, NETWORK } from './compose.js';
import { docker, logOf, stateOf } from './docker.js';

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

/**
 * Makes Node print a line as soon as something handles SIGTERM. Until then, which takes Node itself 50 ms and on a busy machine
 * a second, the kernel drops the signal. What is loaded by then, test/e2e/stop-during-start shows.
 */
const HANDLES_SIGTERM = 'handles SIGTERM';
const REPORT = `process.on("newListener", (name) => name === "SIGTERM" && console.log("${HANDLES_SIGTERM}"))`;
const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(REPORT)}`;

/** One more replica of an app of the running compose file, with the rights and limits of the app's manifest. */
export class AppContainer {
  private constructor(
    readonly name: string,
    private readonly probe: readonly string[],
  ) {}

  static async start(app: AppName): Promise<AppContainer> {
    const { image, environment, healthcheck } = await composeService(app);
    const name = `replica-${app}`;
    const instance = app === 'api' ? { INSTANCE_ID: name } : {};
    const variables = Object.entries({ ...environment, ...PRODUCTION, ...instance, NODE_OPTIONS });
    await docker(
      'run',
      '--detach',
      `--name=${name}`,
      `--network=${NETWORK}`,
      ...optionsOf(app),
      ...variables.map(([key, value]) => `--env=${key}=${value}`),
      image,
    );
    const [, ...probe] = healthcheck.test;
    return new AppContainer(name, probe);
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

  /** Sends SIGTERM when the container has run for this time, in milliseconds, or at once if it has run longer. */
  async terminateAt(ms: number): Promise<void> {
    await until(
      async () => (await logOf(this.name)).includes(HANDLES_SIGTERM),
      30_000,
      `${this.name} to handle SIGTERM`,
      10,
    );
    const startedAt = Date.parse((await stateOf(this.name)).StartedAt);
    await sleep(Math.max(0, startedAt + ms - Date.now()));
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
