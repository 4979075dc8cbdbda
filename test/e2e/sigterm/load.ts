import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from 'kafkajs';
import { until } from '../../support/until.js';
import type { Deployed } from '../../support/deployed.js';

/** Commands at a time on Kafka, and the pause in milliseconds. */
const BATCH = 4;
const PAUSE_MS = 100;
/** Members over HTTP, who each wait for a response, pause, and continue. */
export const CLIENTS = 8;
const THINKING_MS = 200;

const INVITERS = 300;
const RECIPIENTS = 300;

/** One request of a member to the api, with all of its attempts. */
export interface Asking {
  readonly commandId: string;
  /** A status, or the error of a connection. */
  readonly attempts: (number | string)[];
}

/**
 * Members invite each other continuously, each pair once, by Kafka and over HTTP. Every fourth invitation on Kafka is
 * accepted at once. Requests without a response are repeated with the same key, as a client does.
 */
export class Load {
  /** Commands that were published to Kafka, by id. */
  readonly published: string[] = [];
  readonly asked: Asking[] = [];
  accepted = 0;
  private pairs = 0;
  private running: Promise<unknown> = Promise.resolve();
  private isOn = false;
  private isAbandoned = false;
  private readonly tokens = new Map<string, Promise<string>>();

  constructor(private readonly deployed: Deployed) {}

  get invitations(): number {
    return this.published.length - this.accepted + this.asked.length;
  }

  /** Requests that wait for their response. */
  get waiting(): readonly Asking[] {
    return this.asked.filter(({ attempts }) => attempts.length === 0);
  }

  async start(): Promise<void> {
    const { service } = this.deployed;
    const names = ['inviter', 'recipient'].flatMap((role, n) =>
      Array.from({ length: [INVITERS, RECIPIENTS][n]! }, (_, member) => `${role}-${member}`),
    );
    await service.members('probe', ...names);
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'probe', recipientId: `recipient-${RECIPIENTS - 1}` }))
          .outcome === 'accepted',
      30_000,
      'the members directory',
    );
    this.isOn = true;
    this.running = Promise.all([this.publish(), ...Array.from({ length: CLIENTS }, () => this.ask())]);
  }

  /** Publishes more commands to Kafka at once. @returns their ids */
  async burst(count: number): Promise<readonly string[]> {
    const before = this.published.length;
    const messages = Array.from({ length: Math.ceil(count / BATCH) }, () => this.batch()).flat();
    await this.deployed.service.publish('invitations.commands', messages);
    return this.published.slice(before);
  }

  /** Stops the load, and waits until every request has a response. */
  async stop(): Promise<void> {
    this.isOn = false;
    await this.running;
  }

  /** Waits until no request is pending. */
  abandon(): void {
    this.isOn = false;
    this.isAbandoned = true;
    this.running.catch(() => undefined);
  }

  private async publish(): Promise<void> {
    while (this.isOn) {
      await this.deployed.service.publish('invitations.commands', this.batch());
      await sleep(PAUSE_MS);
    }
  }

  private batch(): Message[] {
    const { service } = this.deployed;
    const command = (type: string, data: Record<string, string>): Message => {
      const id = randomUUID();
      this.published.push(id);
      return service.command(type, data, id);
    };
    const pairs = Array.from({ length: BATCH - 1 }, () => this.nextPair());
    const sends = pairs.map((pair) => command('send', pair));
    const { inviterId, recipientId } = pairs[0]!;
    const invitationId = `${inviterId}.${String(sends[0]!.headers!['ce_id'])}`;
    this.accepted += 1;
    return [...sends, command('accept', { invitationId, actorId: recipientId })];
  }

  private async ask(): Promise<void> {
    while (this.isOn) {
      const asking: Asking = { commandId: randomUUID(), attempts: [] };
      const { inviterId, recipientId } = this.nextPair();
      this.asked.push(asking);
      while (typeof asking.attempts.at(-1) !== 'number' && !this.isAbandoned) {
        asking.attempts.push(await this.attempt(asking.commandId, inviterId, recipientId));
        await sleep(THINKING_MS);
      }
    }
  }

  private async attempt(key: string, inviterId: string, recipientId: string): Promise<number | string> {
    const response = await fetch(`${this.deployed.api}/v1/invitations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.tokenOf(inviterId)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ recipientId }),
    }).catch((error: unknown) => String((error as Error).cause ?? error));
    if (typeof response === 'string') return response;
    await response.text();
    return response.status;
  }

  private tokenOf(id: string): Promise<string> {
    const token = this.tokens.get(id) ?? this.deployed.issuer.token(id);
    this.tokens.set(id, token);
    return token;
  }

  private nextPair(): { inviterId: string; recipientId: string } {
    const n = this.pairs++;
    if (n >= INVITERS * RECIPIENTS) throw new Error('everybody has invited everybody');
    const inviter = n % INVITERS;
    return {
      inviterId: `inviter-${inviter}`,
      recipientId: `recipient-${(inviter + Math.floor(n / INVITERS)) % RECIPIENTS}`,
    };
  }
}
