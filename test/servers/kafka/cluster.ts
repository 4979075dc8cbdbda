import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { Broker } from './broker.js';
import { kafkaClasspath } from './fetch.js';
import { serverProperties, type ClusterSettings, type Node } from './properties.js';

/** Java, several times over, on a machine that has other things to do. */
const READY_WITHIN_MS = 120_000;

/** An Apache Kafka of one or three nodes on this machine, in KRaft mode; its data lasts as long as it does. */
export class LocalKafka {
  private readonly settings: ClusterSettings;
  private readonly dir = mkdtempSync(join(tmpdir(), 'kafka-local-'));
  private nodes: readonly Node[] = [];
  private processes: readonly Broker[] = [];

  // Node runs this file as it stands, and knows no parameter properties.
  constructor(settings: ClusterSettings) {
    this.settings = settings;
  }

  /**
   * Fetches it if need be, formats its storage, starts it, and waits until every node serves. After a failure there is
   * still something to stop.
   * @throws when there is no Java or Maven, nothing can be fetched, or a node ends; with its last words
   */
  async start(): Promise<this> {
    const classpath = await kafkaClasspath();
    const ports = await freePorts(this.settings.brokers * 2);
    this.nodes = Array.from({ length: this.settings.brokers }, (_, index) => ({
      id: index + 1,
      port: ports[index * 2]!,
      controllerPort: ports[index * 2 + 1]!,
      dataDir: join(this.dir, `node-${index + 1}`, 'data'),
    }));
    this.processes = this.nodes.map((node) => {
      const home = join(this.dir, `node-${node.id}`);
      mkdirSync(home);
      writeFileSync(join(home, 'server.properties'), serverProperties(node, this.nodes, this.settings));
      return new Broker(classpath, home);
    });
    const clusterId = randomBytes(16).toString('base64url');
    await Promise.all(this.processes.map((broker) => broker.format(clusterId)));
    await this.startAgain();
    return this;
  }

  /** `host:port`, comma separated. */
  get brokers(): string {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  /** SIGKILL to a node, by its id from 1 on; to all without one. */
  async kill(id?: number): Promise<void> {
    await Promise.all(this.chosen(id).map((broker) => broker.kill()));
  }

  /** Starts what was killed, where it was and with what it had, and waits until every node serves. */
  async startAgain(): Promise<void> {
    for (const broker of this.processes) if (!broker.isRunning) broker.start();
    await this.untilServing();
  }

  /** Stops every node and removes what it kept. */
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

/** How many brokers a node knows; 0 while it does not answer. */
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

/**
 * Ports that are free at this moment, all of them different. Java takes seconds until it listens, and a killed node comes
 * back to its port: none of those that Linux gives (from 32768 on) to whoever does not ask for a certain one.
 */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
