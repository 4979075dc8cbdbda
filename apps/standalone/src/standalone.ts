import { createLogger } from '#libs/platform';
import { appEnvironments, type AppPorts } from './apps/app-environments.js';
import { startApp, untilReady } from './apps/app-process.js';
import { readEndpoints, writeEndpoints, type Endpoints } from './endpoints.js';
import { ensureKeys } from './identity/dev-issuer.js';
import { startSignInPage } from './identity/sign-in-page.js';
import { runMigrations } from './servers/run-migrations.js';
import { claimPort, freePort, preferredPorts } from './ports.js';
import { publishSampleMembers, readSampleMembers } from './sample/sample-members.js';
import { EmbeddedServers } from './servers/embedded-servers.js';
import { givenServers } from './servers/given-servers.js';
import { createTopics } from './servers/topics.js';
import { Supervised } from './supervised.js';

/** Far more than it takes: a busy machine is no reason to give up. In milliseconds. */
const READY_WITHIN_MS = 300_000;

const APPS: readonly (keyof AppPorts)[] = ['api', 'command', 'projector', 'notification'];

/** The whole service on one machine: embedded or given servers, the apps as processes of their own, sample members. */
export class Standalone {
  private readonly started: { stop(): Promise<void> | void; expectEnd?(): void }[] = [];

  constructor(private readonly say: (line: string) => void) {}

  async start(): Promise<Endpoints> {
    const logger = createLogger('standalone', 'silent');
    const ports = preferredPorts(await readEndpoints());
    const servers = new EmbeddedServers(givenServers(process.env), ports, this.say);
    this.started.push(servers);
    const [addresses, { linkKeys }, members] = await Promise.all([
      servers.start(),
      ensureKeys(),
      readSampleMembers(),
    ]);
    await Promise.all([createTopics(addresses.kafka, logger), runMigrations(addresses.postgres)]);

    const appPorts: AppPorts = {
      api: await claimPort(ports.api),
      command: await freePort(),
      projector: await freePort(),
      notification: await freePort(),
    };
    const api = `http://127.0.0.1:${appPorts.api}`;
    const signIn = await startSignInPage(ports.signIn, api, members);
    this.started.push({ stop: () => signIn.close() });

    const environments = appEnvironments(addresses, appPorts, signIn.url, linkKeys);
    const apps = APPS.map(
      (app) => new Supervised(app, async () => startApp(app, environments[app], this.say), this.say),
    );
    this.started.push({
      expectEnd: () => apps.forEach((app) => app.expectEnd()),
      stop: async () => {
        await Promise.all(apps.map((app) => app.stop()));
      },
    });
    await Promise.all(apps.map((app) => app.start()));
    await publishSampleMembers(addresses.kafka, logger);
    await Promise.all(
      APPS.map((app) => untilReady(app, `http://127.0.0.1:${appPorts[app]}`, READY_WITHIN_MS)),
    );

    const { kafka, eventStore, postgres, mail } = addresses;
    const endpoints: Endpoints = { api, kafka, eventStore, postgres, mail };
    await writeEndpoints(endpoints);
    return endpoints;
  }

  /** Stops everything that was started, the last first. */
  async stop(): Promise<void> {
    for (const part of this.started) part.expectEnd?.();
    for (const part of this.started.splice(0).toReversed()) await part.stop();
  }
}
