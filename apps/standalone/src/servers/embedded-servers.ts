import { join } from 'node:path';
import { startEventStore, startKafka, startMail, startPostgres } from '#libs/dev-servers';
import { STATE } from '../paths.js';
import type { preferredPorts } from '../ports.js';
import { Supervised } from '../supervised.js';
import type { GivenServers } from './given-servers.js';

export interface ServerAddresses {
  readonly eventStore: string;
  readonly kafka: string;
  readonly postgres: string;
  readonly mail: string;
  readonly smtp: string;
}

/**
 * The four servers that a production has elsewhere, embedded: files below the state directory, ports on 127.0.0.1.
 * Those that run already are taken by their address.
 */
export class EmbeddedServers {
  private readonly started: { stop(): Promise<void>; expectEnd(): void }[] = [];

  constructor(
    private readonly given: GivenServers,
    private readonly ports: ReturnType<typeof preferredPorts>,
    private readonly say: (line: string) => void,
  ) {}

  /** Starts them side by side. After a failure, `stop` still stops those that had started. */
  async start(): Promise<ServerAddresses> {
    const { given, ports } = this;
    const [eventStore, kafka, postgres, mail] = await Promise.all([
      given.eventStore ?? this.eventStore(ports.eventStore),
      given.kafka ?? this.kafka(ports.kafka),
      given.postgres ?? this.postgres(ports.postgres),
      given.mail ?? this.mail(ports.mail, ports.smtp),
    ]);
    return { eventStore, kafka, postgres, mail: mail.page, smtp: mail.smtp };
  }

  private async eventStore(port: number): Promise<string> {
    const settings = { dataDir: join(STATE, 'eventstore'), port };
    return (await this.keep('event store', startEventStore, settings)).url;
  }

  private async kafka(port: number): Promise<string> {
    return (await this.keep('broker', startKafka, { dataDir: join(STATE, 'kafka'), port })).brokers;
  }

  private async postgres(port: number): Promise<string> {
    return (await this.keep('postgres', startPostgres, { dataDir: join(STATE, 'postgres'), port })).url;
  }

  private async mail(httpPort: number, smtpPort: number): Promise<{ page: string; smtp: string }> {
    const settings = { dataDir: join(STATE, 'mail'), httpPort, smtpPort };
    const { url, smtpUrl } = await this.keep('mail server', startMail, settings);
    return { page: url, smtp: smtpUrl };
  }

  expectEnd(): void {
    for (const server of this.started) server.expectEnd();
  }

  async stop(): Promise<void> {
    await Promise.all(this.started.map((server) => server.stop()));
  }

  private async keep<Settings, Addresses>(
    name: string,
    launch: (settings: Settings) => Promise<{
      addresses: Addresses;
      exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
      stop(): Promise<void>;
    }>,
    settings: Settings,
  ): Promise<Addresses> {
    const server = new Supervised(name, () => launch(settings), this.say);
    const { addresses } = await server.start();
    this.started.push(server);
    return addresses;
  }
}
