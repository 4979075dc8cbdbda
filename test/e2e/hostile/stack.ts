import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, readTopicToEnd, type ConsumedMessage } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { KeyPartitioner } from '../../../libs/kafka/src/producer.js';
import { APPS, Deployed, type AppName } from '../../support/deployed.js';
import type { TestEventStore } from '../../support/event-store.js';
import type { Outcome } from '../../support/publisher.js';
import { until } from '../../support/until.js';

/** Long enough for Apache Kafka and every app on a busy machine. */
const WITHIN_MS = 60_000;

/** Returns the partition of a key. Every topic has the same number of partitions. */
export const partitionOf = (key: string): number =>
  KeyPartitioner()({
    topic: TOPICS.commands,
    partitionMetadata: Array.from({ length: PARTITIONS }, (_, partitionId) => ({ partitionId })) as never,
    message: { key, value: null },
  });

/** The service with every app as a process, and members who continue to invite each other after each hostile input. */
export class HostileStack {
  private constructor(readonly deployed: Deployed) {}

  static async start(eventStore?: TestEventStore): Promise<HostileStack> {
    return new HostileStack(await Deployed.start({ eventStore }));
  }

  stop(): Promise<void> {
    return this.deployed.stop();
  }

  /** Returns a new member whose commands are on the given partition. */
  memberOn(partition: number): string {
    for (;;) {
      const id = `m-${randomUUID().slice(0, 13)}`;
      if (partitionOf(id) === partition) return id;
    }
  }

  /** The environment of the tools. */
  get env(): Readonly<Record<string, string>> {
    const { brokers, eventStore, postgres } = this.deployed;
    return { KAFKA_BROKERS: brokers, EVENTSTORE_URL: eventStore, DATABASE_URL: postgres };
  }

  /** Runs an action with a different environment of one app, which is restarted before and after. */
  async withApp(
    app: AppName,
    env: Readonly<Record<string, string>>,
    action: () => Promise<void>,
  ): Promise<void> {
    const { deployed } = this;
    await deployed.app(app).stop();
    try {
      await deployed.startApp(app, env);
      await action();
    } finally {
      await deployed.app(app).stop();
      await deployed.startApp(app);
    }
  }

  until(condition: () => boolean | Promise<boolean>, what: string, withinMs = WITHIN_MS): Promise<void> {
    return until(condition, withinMs, what, 100);
  }

  /** Publishes new members, and waits until every app knows them. */
  async newMembers(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `m-${randomUUID().slice(0, 13)}`);
    await this.deployed.service.members(...ids);
    await this.untilKnown(ids);
    return ids;
  }

  async untilKnown(ids: readonly string[]): Promise<void> {
    const known = async (table: string) =>
      Number(
        (await this.deployed.pool.query(`SELECT count(*) FROM ${table} WHERE id = ANY($1)`, [ids])).rows[0]
          .count,
      );
    for (const table of ['read_models.members', 'notification.members']) {
      await until(async () => (await known(table)) === ids.length, WITHIN_MS, `members in ${table}`);
    }
  }

  /** Waits until both directories of members have the member's new name. */
  untilNamed(id: string, name: string): Promise<void> {
    const query = `SELECT FROM notification.members n JOIN read_models.members r USING (id)
      WHERE id = $1 AND n.name = $2 AND r.name = $2`;
    return this.until(
      async () => (await this.deployed.pool.query(query, [id, name])).rows.length === 1,
      `${id} as ${name} in both apps`,
    );
  }

  /**
   * Sends a valid invitation on each partition of the topic of commands and follows it to its outcome, the recipient's
   * inbox, the public event and the e-mail, so that nothing is blocked after a hostile input.
   */
  async expectServiceOnEveryPartition(): Promise<void> {
    const inviters = Array.from({ length: PARTITIONS }, (_, partition) => this.memberOn(partition));
    const recipients = Array.from({ length: PARTITIONS }, () => `m-${randomUUID().slice(0, 13)}`);
    await this.deployed.service.members(...inviters, ...recipients);
    await this.untilKnown([...inviters, ...recipients]);
    const ids = inviters.map(() => randomUUID());
    await this.publish(inviters.map((inviterId, n) => this.send(inviterId, recipients[n]!, ids[n])));
    for (const id of ids) assert.deepEqual(await this.outcomeOf(id), { commandId: id, outcome: 'accepted' });
    await this.untilMailed(recipients);
    for (const [n, recipientId] of recipients.entries()) {
      const invitationId = `${inviters[n]!}.${ids[n]!}`;
      // The inbox may come later than the e-mail: each has a worker of its own.
      await this.untilListed(recipientId, 'inbox', invitationId);
      assert.deepEqual(
        Array.from(await this.list(recipientId, 'inbox'), (item) => item['invitationId']),
        [invitationId],
      );
    }
    this.expectAllRunning();
  }

  /** Expects that no app has ended since the start. */
  expectAllRunning(): void {
    const ended = APPS.filter((name) => this.deployed.app(name).ended !== undefined).map(
      (name) => `${name}: ${this.deployed.app(name).output.slice(-3_000)}`,
    );
    assert.deepEqual(ended, []);
  }

  send(
    inviterId: string,
    recipientId: string,
    commandId?: string,
    more: Record<string, string> = {},
  ): Message {
    return this.deployed.service.command('send', { inviterId, recipientId, ...more }, commandId);
  }

  publish(messages: Message[], topic: string = TOPICS.commands): Promise<void> {
    return this.deployed.service.publish(topic, messages);
  }

  outcomeOf(commandId: string): Promise<Outcome> {
    return this.deployed.service.outcomeOf(commandId, WITHIN_MS);
  }

  /** Returns the outcome of each command, in order. */
  async ask(...messages: Message[]): Promise<Outcome[]> {
    await this.publish(messages);
    return Promise.all(messages.map(({ headers }) => this.outcomeOf(String(headers!['ce_id']))));
  }

  /** Sends an invitation, and waits until it is in the recipient's inbox. @returns its id */
  async invitation(inviterId: string, recipientId: string): Promise<string> {
    const message = this.send(inviterId, recipientId);
    const [outcome] = await this.ask(message);
    assert.equal(outcome?.outcome, 'accepted');
    const invitationId = `${inviterId}.${outcome.commandId}`;
    await this.untilListed(recipientId, 'inbox', invitationId);
    return invitationId;
  }

  /** Sends a request of a member to the api. */
  async request(
    memberId: string,
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const token = await this.deployed.issuer.token(memberId);
    return fetch(`${this.deployed.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async list(memberId: string, list: 'inbox' | 'archive' | 'sent' | 'connections') {
    const response = await this.request(memberId, 'GET', `/v1/${list}`);
    assert.equal(response.status, 200);
    return ((await response.json()) as { items: Record<string, unknown>[] }).items;
  }

  untilListed(memberId: string, list: 'inbox' | 'archive' | 'sent', invitationId: string): Promise<void> {
    return until(
      async () => (await this.list(memberId, list)).some((item) => item['invitationId'] === invitationId),
      WITHIN_MS,
      () => `${invitationId} in the ${list} of ${memberId}`,
    );
  }

  /** Waits until each member has a sent e-mail in the ledger. */
  untilMailed(memberIds: readonly string[]): Promise<void> {
    return this.untilLedger(memberIds, ({ state }) => state === 'sent');
  }

  /** Waits until each member has e-mails in the ledger, and all fulfil the condition. */
  async untilLedger(
    memberIds: readonly string[],
    isAsWanted: (row: { readonly state: string; readonly reason: string | null }) => boolean,
  ): Promise<void> {
    let rows: { recipient: string; state: string; reason: string | null }[] = [];
    const look = async () => {
      ({ rows } = await this.deployed.pool.query(
        'SELECT recipient_id AS recipient, state, reason FROM notification.deliveries WHERE recipient_id = ANY($1)',
        [memberIds],
      ));
      return (
        new Set(rows.map(({ recipient }) => recipient)).size === memberIds.length && rows.every(isAsWanted)
      );
    };
    await until(look, WITHIN_MS, () => `the ledger as wanted, but ${JSON.stringify(rows)}`, 100);
  }

  /** Returns all messages of a topic. */
  async read(topic: string): Promise<ConsumedMessage[]> {
    const messages: ConsumedMessage[] = [];
    const kafka = createKafka(
      { brokers: this.deployed.brokers, clientId: 'test' },
      createLogger('test', 'silent'),
    );
    await readTopicToEnd(kafka, topic, { groupPrefix: 'test' }, (message) => void messages.push(message));
    return messages;
  }

  /** Returns the dead letters that an action causes, once there are enough. */
  async deadLettersOf(count: number, action: () => Promise<unknown>): Promise<ConsumedMessage[]> {
    const placeOf = ({ partition, offset }: ConsumedMessage) => `${partition}@${offset}`;
    const before = new Set((await this.read(TOPICS.deadLetters)).map(placeOf));
    await action();
    let letters: ConsumedMessage[] = [];
    await until(
      async () => {
        letters = (await this.read(TOPICS.deadLetters)).filter((letter) => !before.has(placeOf(letter)));
        return letters.length >= count;
      },
      WITHIN_MS,
      () => `${count} dead letters, but ${letters.length}`,
      500,
    );
    return letters;
  }

  /** Returns `/readyz` of an app with the status. */
  async readiness(app: AppName): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.deployed.url(app)}/readyz`);
    return { status: response.status, text: await response.text() };
  }

  metrics(app: AppName): Promise<string> {
    return fetch(`${this.deployed.url(app)}/metrics`).then((response) => response.text());
  }
}
