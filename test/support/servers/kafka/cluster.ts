import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { findFreePort } from '../../ports.js';
import { Broker } from './broker.js';
import { kafkaClasspath } from './fetch.js';
import { serverProperties, type ClusterSettings, type Node } from './properties.js';

/** Long enough for several Java processes on a busy machine. */
const READY_WITHIN_MS = 120_000;

const PORTS_OF_NODE = 4;

/** An Apache Kafka of one or three nodes on this machine, in KRaft mode. Its data are deleted when it stops. */
export class LocalKafka {
  private readonly settings: ClusterSettings;
  private readonly dir = mkdtempSync(join(tmpdir(), 'kafka-local-'));
  private nodes: readonly Node[] = [];
  private processes: readonly Broker[] = [];

  // Node runs this file without compilation, so it has no parameter properties.
  constructor(settings: ClusterSettings) {
    this.settings = settings;
  }

  /**
   * Fetches Kafka if necessary, formats its storage, starts it, and waits until every node serves. Call `stop` after a
   * failure, too.
   * @throws when there is no Java or Maven, nothing can be fetched, or a node ends; with the end of its output
   */
  async start(): Promise<this> {
    const classpath = await kafkaClasspath();
    const count = this.settings.brokers * PORTS_OF_NODE;
    const ports = await Promise.all(Array.from({ length: count }, findFreePort));
    this.nodes = Array.from({ length: this.settings.brokers }, (_, index) => ({
      id: index + 1,
      port: ports[index * PORTS_OF_NODE]!,
      controllerPort: ports[index * PORTS_OF_NODE + 1]!,
      securedPort: ports[index * PORTS_OF_NODE + 2]!,
      mutualTlsPort: ports[index * PORTS_OF_NODE + 3]!,
      dataDir: join(this.dir, `node-${index + 1}`, 'data'),
    }));
    this.processes = this.nodes.map((node) => {
      const home = join(this.dir, `node-${node.id}`);
      mkdirSync(home);
      writeFileSync(join(home, 'server.properties'), serverProperties(node, this.nodes, this.settings));
      return new Broker(classpath, home);
    });
    const clusterId = randomBytes(16).toString('base64url');
    await Promise.all(
      this.processes.map((broker) => broker.format(clusterId, this.settings.secured?.passwords)),
    );
    await this.startAgain();
    return this;
  }

  /** `host:port`, comma separated. */
  get brokers(): string {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  /** The same of the listener for logins over TLS. */
  get securedBrokers(): string {
    return this.nodes.map(({ securedPort }) => `127.0.0.1:${securedPort}`).join(',');
  }

  /** The same of the listener for clients with a certificate. */
  get mutualTlsBrokers(): string {
    return this.nodes.map(({ mutualTlsPort }) => `127.0.0.1:${mutualTlsPort}`).join(',');
  }

  /** Sends SIGKILL to a node, by its id from 1 on, or to all nodes without an id. */
  async kill(id?: number): Promise<void> {
    await Promise.all(this.chosen(id).map((broker) => broker.kill()));
  }

  /** Starts the killed nodes again with their ports and data, and waits until every node serves. */
  async startAgain(): Promise<void> {
    for (const broker of this.processes) if (!broker.isRunning) broker.start();
    await this.untilServing();
  }

  /** Stops every node and deletes its data. */
  async stop(): Promise<void> {
    await Promise.all(this.processes.map((broker) => broker.stop()));
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The nodes' processes. */
  get pids(): number[] {
    return this.processes.flatMap(({ pid }) => pid ?? []);
  }

  private chosen(id?: number): readonly Broker[] {
    return id === undefined ? this.processes : [this.processes[id - 1]!];
  }

  private async untilServing(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const ended = this.processes.find(({ isRunning }) => !isRunning);
      if (ended !== undefined) throw new Error(`Kafka has ended:\n${ended.lastWords()}`);
      const serving = await Promise.all(this.nodes.map(({ port }) => brokersKnownTo(port)));
      if (serving.every((count) => count === this.nodes.length)) return;
      if (Date.now() > deadline) {
        throw new Error(`Kafka is not ready after ${READY_WITHIN_MS} ms:\n${this.processes[0]!.lastWords()}`);
      }
      await sleep(200);
    }
  }
}

/** Returns the number of brokers that a node knows, or 0 if it does not respond. */
async function brokersKnownTo(port: number): Promise<number> {
  const brokers = [`127.0.0.1:${port}`];
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  } catch {
    return 0;
  } finally {
    await admin.disconnect();
  }
}
