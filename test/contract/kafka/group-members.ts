import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Consumer } from 'kafkajs';
import { kafkajsOptions } from './access.js';
import { Changing } from './changing.js';
import type { KafkaHarness } from './kafka-harness.js';

/** Members of one group on one topic, with their assignments and the values that they have received. */
export class GroupMembers {
  readonly groupId: string;
  private readonly assigned = new Map<string, number[]>();
  private readonly values = new Set<string>();
  private readonly progress = new Changing();
  private child: ChildProcess | undefined;

  constructor(
    private readonly bench: KafkaHarness,
    private readonly topic: string,
  ) {
    this.groupId = bench.groupId();
  }

  /** Resolves when the member has its share. */
  async join(name: string): Promise<Consumer> {
    const { groupId, topic } = this;
    const consumer = await this.bench.consumer({ groupId });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      this.assign(name, payload.memberAssignment[topic] ?? []),
    );
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => Promise.resolve(this.receive(String(message.value))),
    });
    await this.progress.until(
      () => this.assigned.has(name),
      () => `an assignment for ${name}`,
    );
    return consumer;
  }

  /** Like `join`, but in a process of its own. */
  async joinFromProcess(name: string): Promise<void> {
    const main = fileURLToPath(new URL('./member.process.ts', import.meta.url));
    const args = [
      this.bench.brokers.join(','),
      this.groupId,
      this.topic,
      JSON.stringify(kafkajsOptions(this.bench.access)),
    ];
    this.child = fork(main, args, { execArgv: [] });
    this.child.on('message', (message: { joined?: number[]; value?: string }) => {
      if (message.joined) this.assign(name, message.joined);
      else this.receive(message.value!);
    });
    await this.progress.until(
      () => this.assigned.has(name),
      () => `an assignment for ${name}`,
    );
  }

  async killProcess(): Promise<void> {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  /** Resolves when these members have all partitions and each has some. Returns the number of partitions. */
  async sharedBy(partitions: number, ...names: string[]): Promise<number> {
    const shares = () => names.map((name) => this.assigned.get(name) ?? []);
    const shared = () => new Set(shares().flat()).size;
    await this.progress.until(
      () =>
        shares().every((share) => share.length > 0) &&
        shares().flat().length === partitions &&
        shared() === partitions,
      () => `${partitions} partitions shared by ${names.join(', ')}: ${JSON.stringify(shares())}`,
    );
    return shared();
  }

  /** Resolves when every one of these values was received. Returns their number. */
  async received(values: readonly string[]): Promise<number> {
    const found = () => values.filter((value) => this.values.has(value)).length;
    await this.progress.until(
      () => found() === values.length,
      () => `${values.length} values, ${found()} came`,
    );
    return found();
  }

  private assign(name: string, partitions: number[]): void {
    this.assigned.set(name, partitions);
    this.progress.changed();
  }

  private receive(value: string): void {
    this.values.add(value);
    this.progress.changed();
  }
}
