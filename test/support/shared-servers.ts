import type { openEventStore, openKafka, openMail } from '#libs/dev-servers';

interface Kinds {
  readonly eventStore: typeof openEventStore;
  readonly kafka: typeof openKafka;
  readonly mail: typeof openMail;
}

type Settings<Kind extends keyof Kinds> = Omit<Parameters<Kinds[Kind]>[0], 'dataDir' | 'port'>;
type Addresses<Kind extends keyof Kinds> = Awaited<ReturnType<Kinds[Kind]>>['addresses'];

/** Set by jest's global set-up; undefined without it, for example in a bench. */
const host = (): string | undefined => process.env['SHARED_SERVERS_URL'];

export const hasSharedServers = (): boolean => host() !== undefined;

/**
 * Opens an empty development server in the one process that runs them for the whole run of jest. It cannot be killed or
 * stopped: a test that does this starts a process of its own.
 */
export async function openSharedServer<Kind extends keyof Kinds>(
  kind: Kind,
  settings: Settings<Kind>,
): Promise<Addresses<Kind> & { stop(): Promise<void> }> {
  const { id, addresses } = await ask<{ id: number; addresses: Addresses<Kind> }>({ kind, settings });
  return {
    ...addresses,
    async stop() {
      await ask({ id });
    },
  };
}

/** The PostgreSQL of this run, on which every spec creates its own databases. */
export async function sharedPostgres(): Promise<string> {
  const { addresses } = await ask<{ addresses: { url: string } }>({ kind: 'postgres' });
  return addresses.url;
}

/** The shared service of this run, which starts with the first request for it. */
export async function openSharedService<Addresses>(
  env: Readonly<Record<string, string>>,
): Promise<Addresses> {
  const { addresses } = await ask<{ addresses: Addresses }>({ kind: 'service', settings: { env } });
  return addresses;
}

async function ask<Result>(message: object): Promise<Result> {
  const response = await fetch(host()!, { method: 'POST', body: JSON.stringify(message) });
  const result = (await response.json()) as Result & { failed?: string };
  if (!response.ok) throw new Error(result.failed);
  return result;
}
