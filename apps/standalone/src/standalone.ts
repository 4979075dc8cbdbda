import { Topics } from '#libs/contracts';
import { createLogger, loadConfig } from '#libs/platform';
import { PolicyConfig } from '#libs/policy';
import { createAppEnvironments, type AppPorts } from './apps/app-environments.js';
import { startApp, waitUntilReady } from './apps/app-process.js';
import { readEndpoints, writeEndpoints, type Endpoints } from './state/state-directory.js';
import { ensureKeys } from './identity/dev-issuer.js';
import { startSignInPage } from './identity/sign-in-page.js';
import {
  runMigrations,
  publishSampleMembers,
  readSampleMembers,
  createTopics,
} from './servers/provisioning.js';
import { claimPort, preferredPorts } from './processes/ports.js';
import { EmbeddedServers } from './servers/embedded-servers.js';
import { EVENTSTORE_USERS } from './servers/event-store-logins.js';
import { CreatedTopicsConfig } from './servers/topic-retention.js';
import { checkExternalServers, readExternalServers } from './servers/external-servers.js';
import { SupervisedProcess } from './processes/supervised-process.js';

/** Milliseconds; far more than it takes, because a busy machine is no reason to give up. */
const READY_WITHIN_MS = 300_000;

const APPS: readonly (keyof AppPorts)[] = ['api', 'command', 'projector', 'notification'];

/** The whole service on one machine: embedded or external servers, one process for each app, and sample members. */
export class Standalone {
  private readonly started: { stop(): Promise<void> | void; expectExit?(): void }[] = [];

  constructor(private readonly print: (line: string) => void) {}

  /** @param isEventStoreSecure whether the embedded event store has TLS, and a user for each app */
  async start(isEventStoreSecure: boolean): Promise<Endpoints> {
    const logger = createLogger('standalone', 'silent');
    const ports = preferredPorts(await readEndpoints());
    const { TOPIC_PREFIX, TEXT_TOPIC_RETENTION } = loadConfig(CreatedTopicsConfig);
    const topics = new Topics(TOPIC_PREFIX);
    // The command app and the projector read it, too. A wrong variable ends the start here, before any server is started.
    loadConfig(PolicyConfig);
    const external = readExternalServers(process.env);
    await checkExternalServers(external, this.print);
    const servers = new EmbeddedServers(external, ports, isEventStoreSecure, this.print);
    this.started.push(servers);
    const [addresses, secrets, members] = await Promise.all([
      servers.start(),
      ensureKeys(),
      readSampleMembers(),
    ]);
    await Promise.all([
      createTopics(topics, addresses.kafka, logger, TEXT_TOPIC_RETENTION, this.print),
      runMigrations(addresses.postgres),
    ]);

    const appPorts: AppPorts = {
      api: await claimPort(ports.api),
      command: await claimPort(),
      projector: await claimPort(),
      notification: await claimPort(),
    };
    const api = `http://127.0.0.1:${appPorts.api}`;
    const signIn = await startSignInPage(ports.signIn, api, members);
    this.started.push({ stop: () => signIn.close() });

    const environments = createAppEnvironments(addresses, appPorts, signIn.url, secrets);
    const apps = APPS.map(
      (app) =>
        new SupervisedProcess(app, async () => startApp(app, environments[app], this.print), this.print),
    );
    this.started.push({
      expectExit: () => apps.forEach((app) => app.expectExit()),
      stop: async () => {
        await Promise.all(apps.map((app) => app.stop()));
      },
    });
    await Promise.all(apps.map((app) => app.start()));
    await publishSampleMembers(topics, addresses.kafka, logger);
    await Promise.all(
      APPS.map((app) => waitUntilReady(app, `http://127.0.0.1:${appPorts[app]}`, READY_WITHIN_MS)),
    );

    const { kafka, postgres, mail } = addresses;
    const eventStore = addresses.eventStore.command.EVENTSTORE_URL;
    const hasUsers = isEventStoreSecure && external.eventStore === undefined;
    const endpoints: Endpoints = {
      api,
      kafka,
      eventStore,
      postgres,
      mail,
      ...(hasUsers ? { eventStoreUsers: EVENTSTORE_USERS } : {}),
    };
    await writeEndpoints(endpoints);
    return endpoints;
  }

  /** Stops everything that was started, in reverse order. */
  async stop(): Promise<void> {
    for (const part of this.started) part.expectExit?.();
    for (const part of this.started.splice(0).toReversed()) await part.stop();
  }
}
