import type { RunningServer } from '../process/server-process.js';
import { createDefaultUsers, Users } from './access/users.js';
import { caFileOf, loadNodeCertificates } from './node-certificates.js';
import { serveStore } from './serve-store.js';
import { EventStore } from './store/event-store.js';

export interface EventStoreSettings {
  readonly dataDir: string;
  /** The preferred port. A free one is taken when it is busy or absent. */
  readonly port?: number;
  /**
   * Ends every live subscription after this many events with `ABORTED`, as if its consumer were too slow. Default: the
   * environment variable EVENTSTORE_END_SUBSCRIPTIONS_EVERY; without it, subscriptions are not ended.
   */
  readonly endSubscriptionsEvery?: number;
  /**
   * Whether to use TLS and authenticate users, as EventStoreDB does by default. The users are `admin` and `ops`, with the password
   * `changeit`. Without it, connections are plain and credentials are ignored.
   */
  readonly secure?: boolean;
  /**
   * Users who may also log in with a certificate, as with the plug-in of EventStoreDB 24.2 and later. At the first start, each gets
   * one in the data directory (`userFilesOf`). Only with `secure`.
   */
  readonly certificateUsers?: readonly string[];
}

/** @throws when the number is not a positive integer */
function readEndSubscriptionsEvery(
  { endSubscriptionsEvery: setting }: EventStoreSettings,
  env: NodeJS.ProcessEnv,
): number | undefined {
  const text = env['EVENTSTORE_END_SUBSCRIPTIONS_EVERY'];
  const value = setting ?? (text ? Number(text) : undefined);
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value;
  throw new Error(
    `EVENTSTORE_END_SUBSCRIPTIONS_EVERY must be a positive number of events, not ${text ?? value}`,
  );
}

/**
 * Opens a store and serves it in this process. If the log can no longer be written, the process exits with 1.
 * @throws when the directory is in use, or its log is damaged
 */
export async function openEventStore(settings: EventStoreSettings): Promise<RunningServer<{ url: string }>> {
  const { dataDir, port, secure = false, certificateUsers = [] } = settings;
  const endAfterLiveEvents = readEndSubscriptionsEvery(settings, process.env);
  const store = await EventStore.open(dataDir);
  void store.failed.then((error) => {
    // After a failed write the content of the disk is unknown; the next start reads it again.
    process.stderr.write(
      `development event store: exiting, because the event log cannot be written: ${error.message}\n`,
    );
    process.exit(1);
  });
  const users = new Users(store);
  await createDefaultUsers(users);
  const certificates = secure ? await loadNodeCertificates(dataDir, certificateUsers, new Date()) : undefined;
  const server = await serveStore(store, users, {
    ...(port === undefined ? {} : { port }),
    ...(endAfterLiveEvents === undefined ? {} : { endAfterLiveEvents }),
    ...(certificates === undefined
      ? {}
      : { certificates, acceptsUserCertificates: certificateUsers.length > 0 }),
  });
  const address = `esdb://${server.host}:${server.port}`;
  return {
    addresses: {
      url: secure
        ? `${address}?tls=true&tlsCAFile=${encodeURIComponent(caFileOf(dataDir))}`
        : `${address}?tls=false`,
    },
    async stop() {
      await store.whenDurable().catch(() => undefined);
      server.stop();
      await store.close();
    },
  };
}
