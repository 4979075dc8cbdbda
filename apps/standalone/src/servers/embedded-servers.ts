import { join } from 'node:path';
import { startEventStore, startKafka, startMail, startPostgres } from '#libs/dev-servers';
import { STATE } from '../state/state-directory.js';
import type { preferredPorts } from '../processes/ports.js';
import { SupervisedProcess } from '../processes/supervised-process.js';
import { createEventStoreUsers, type EventStoreLogins } from './event-store-logins.js';
import type { ExternalServers } from './external-servers.js';

export interface ServerAddresses {
  readonly eventStore: EventStoreLogins;
  readonly kafka: string;
  readonly postgres: string;
  readonly mail: string;
  readonly smtp: string;
}

/**
 * The four servers that a production environment has elsewhere, embedded: their files are below the state directory,
 * their ports on 127.0.0.1. External servers are used by their addresses instead.
 */
export class EmbeddedServers {
  private readonly started: { stop(): Promise<void>; expectExit(): void }[] = [];

  constructor(
    private readonly external: ExternalServers,
    private readonly ports: ReturnType<typeof preferredPorts>,
    /** Whether the embedded event store has TLS and users. */
    private readonly isEventStoreSecure: boolean,
    private readonly print: (line: string) => void,
  ) {}

  /** Starts them concurrently. After a failure, `stop` stops those that had started. */
  async start(): Promise<ServerAddresses> {
    const { external, ports } = this;
    const [eventStore, kafka, postgres, mail] = await Promise.all([
      external.eventStore ?? this.eventStore(ports.eventStore),
      external.kafka ?? this.kafka(ports.kafka),
      external.postgres ?? this.postgres(ports.postgres),
      external.mail ?? this.mail(ports.mail, ports.smtp),
    ]);
    return { eventStore, kafka, postgres, mail: mail.page, smtp: mail.smtp };
  }

  private async eventStore(port: number): Promise<EventStoreLogins> {
    const settings = { dataDir: join(STATE, 'eventstore'), port, secure: this.isEventStoreSecure };
    const { url } = await this.startSupervised('event store', startEventStore, settings);
    if (this.isEventStoreSecure) return createEventStoreUsers(url);
    return { command: { EVENTSTORE_URL: url }, projector: { EVENTSTORE_URL: url } };
  }

  private async kafka(port: number): Promise<string> {
    return (await this.startSupervised('broker', startKafka, { dataDir: join(STATE, 'kafka'), port }))
      .brokers;
  }

  private async postgres(port: number): Promise<string> {
    return (await this.startSupervised('postgres', startPostgres, { dataDir: join(STATE, 'postgres'), port }))
      .url;
  }

  private async mail(httpPort: number, smtpPort: number): Promise<{ page: string; smtp: string }> {
    const settings = { dataDir: join(STATE, 'mail'), httpPort, smtpPort };
    const { url, smtpUrl } = await this.startSupervised('mail server', startMail, settings);
    return { page: url, smtp: smtpUrl };
  }

  expectExit(): void {
    for (const server of this.started) server.expectExit();
  }

  async stop(): Promise<void> {
    await Promise.all(this.started.map((server) => server.stop()));
  }

  private async startSupervised<Settings, Addresses>(
    name: string,
    launch: (settings: Settings) => Promise<{
      addresses: Addresses;
      exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
      stop(): Promise<void>;
    }>,
    settings: Settings,
  ): Promise<Addresses> {
    const server = new SupervisedProcess(name, () => launch(settings), this.print);
    const { addresses } = await server.start();
    this.started.push(server);
    return addresses;
  }
}
