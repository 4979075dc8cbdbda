import { join } from 'node:path';
import { startEventStore, startKafka, startMail, startPostgres } from '#libs/dev-servers';
import { STATE } from '../paths.js';
import type { preferredPorts } from '../ports.js';
import { Supervised } from '../supervised.js';

export interface ServerAddresses {
  readonly eventStore: string;
  readonly kafka: string;
  readonly postgres: string;
  readonly mail: string;
  readonly smtp: string;
}

/** The four servers that a production has elsewhere, embedded: files below the state directory, ports on 127.0.0.1. */
export class EmbeddedServers {
  private readonly started: { stop(): Promise<void>; expectEnd(): void }[] = [];

  constructor(
    private readonly ports: ReturnType<typeof preferredPorts>,
    private readonly say: (line: string) => void,
  ) {}

  /** Starts them side by side. After a failure, `stop` still stops those that had started. */
  async start(): Promise<ServerAddresses> {
    const [eventStore, kafka, postgres, mail] = await Promise.all([
      this.keep('event store', startEventStore, {
        dataDir: join(STATE, 'eventstore'),
        port: this.ports.eventStore,
      }),
      this.keep('broker', startKafka, { dataDir: join(STATE, 'kafka'), port: this.ports.kafka }),
      this.keep('postgres', startPostgres, { dataDir: join(STATE, 'postgres'), port: this.ports.postgres }),
      this.keep('mail server', startMail, {
        dataDir: join(STATE, 'mail'),
        httpPort: this.ports.mail,
        smtpPort: this.ports.smtp,
      }),
    ]);
    return {
      eventStore: eventStore.url,
      kafka: kafka.brokers,
      postgres: postgres.url,
      mail: mail.url,
      smtp: mail.smtpUrl,
    };
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
