import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEventStore, connectEventStore, eventStoreCheck, type EventStoreUse } from '#libs/event-store';
import { checkServer } from '#libs/platform';
import { startExternalServers, type ExternalServers } from '../support/external-servers.js';
import { processTree } from '../support/process-tree.js';
import { endStandalone, newFolder, runMain, startEmbedded, type Standalone } from '../support/standalone.js';

/** Far more than it takes on an idle machine. */
const TIMEOUT_MS = 300_000;

describe('npm start -- --secure-event-store', () => {
  const dir = newFolder();
  let servers: ExternalServers;
  let service: Standalone;

  beforeAll(async () => {
    servers = await startExternalServers();
    // All other servers are those of the run; the event store is the service's own.
    const others = Object.entries(servers.env).filter(([name]) => name !== 'EVENTSTORE_URL');
    service = await startEmbedded(dir, Object.fromEntries(others), ['--secure-event-store']);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await endStandalone(dir);
    await servers?.stop();
  }, TIMEOUT_MS);

  const passwordFile = (login: string) => join(dir, 'eventstore-users', login);
  const tool = (...args: string[]) => runMain('apps/standalone/src/tool.main.js', dir, args);
  const environmentOf = (app: string): string => {
    const found = processTree(service.pid).find(({ command }) => command.includes(`apps/${app}/src/main.js`));
    return readFileSync(`/proc/${found!.pid}/environ`, 'utf8').replaceAll('\0', '\n');
  };
  const check = (login: string, use: EventStoreUse) =>
    checkServer(
      eventStoreCheck(
        {
          EVENTSTORE_URL: service.endpoints.eventStore,
          EVENTSTORE_USERNAME: login,
          EVENTSTORE_PASSWORD_FILE: passwordFile(login),
        },
        use,
      ),
    );

  it('runs command and projector with a user and the rights of each, and no app as administrator', async () => {
    expect(service.endpoints.eventStore).toMatch(/^esdb:\/\/localhost:\d+\?tls=true/);
    for (const app of ['command', 'projector']) {
      expect(environmentOf(app)).toContain(`EVENTSTORE_USERNAME=invitations-${app}\n`);
      expect(environmentOf(app)).not.toContain(readFileSync(passwordFile(`invitations-${app}`), 'utf8'));
    }
    await check('invitations-command', 'writes accounts');
    await expect(check('invitations-command', 'reads the log')).rejects.toThrow('may not read $all');
    await check('invitations-projector', 'reads the log');
    await expect(check('invitations-projector', 'writes accounts')).rejects.toThrow('may not append');
    for (const app of ['api', 'notification']) expect(environmentOf(app)).not.toContain('EVENTSTORE_');
  });

  it(
    'decides the commands of the demo, and shows their effects',
    async () => {
      const { code, output } = await runMain('apps/standalone/src/demo.main.js', dir);
      expect(output).toContain('← accepted');
      expect(output).toContain('E-mail to bilal@network.example');
      expect(code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'lets the tools read with users of their own',
    async () => {
      const exported = await tool('replay/src/main.js', 'events');
      expect(exported.output).toContain('InvitationSent');
      expect(await tool('projector/src/projections.main.js', 'status')).toMatchObject({ code: 0 });
      const users = await tool(
        'command/src/event-store-users.main.js',
        '--passwords',
        join(dir, 'eventstore-users'),
      );
      expect(users.output).toContain('Users and rights are as they should be.');
    },
    TIMEOUT_MS,
  );

  it('refuses whoever has no login', async () => {
    const client = connectEventStore(service.endpoints.eventStore);
    const read = async () => {
      for await (const found of client.readStream('account-00-')) void found;
    };
    await expect(read()).rejects.toMatchObject({ type: 'access-denied' });
    await closeEventStore(client);
  });
});
