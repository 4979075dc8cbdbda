import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { createTopics } from '../../../apps/standalone/src/servers/provisioning.js';
import { Topics, TOPICS } from '#libs/contracts';
import { createLogger } from '#libs/platform';
import { EventStoreUnderControl } from '../../integration/support/event-store-under-control.js';
import { APPS, Deployed, type AppName } from '../../support/deployed.js';
import { runTool } from '../../support/run-tool.js';
import { newFolder, removeFolder } from '../../support/standalone.js';
import { until } from '../../support/until.js';

/** Long enough for every app on a busy machine. */
const WITHIN_MS = 120_000;

const MEMBERS = Array.from({ length: 12 }, (_, n) => `member-${n}`);

interface Invitation {
  readonly id: string;
  readonly inviter: string;
  readonly recipient: string;
}

/** The members of the nth invitation. No pair comes twice, in either direction, among the first 60. */
function pairOf(n: number): { readonly inviter: string; readonly recipient: string } {
  const distance = 1 + Math.floor(n / MEMBERS.length);
  const inviter = n % MEMBERS.length;
  return { inviter: MEMBERS[inviter]!, recipient: MEMBERS[(inviter + distance) % MEMBERS.length]! };
}

/** The whole service, whose servers a test loses and restores, and the operator who follows the runbook. */
export class Drill {
  readonly invitations: Invitation[] = [];
  private readonly backup = newFolder();
  private sent = 0;
  private lastAnsweredAt = 0;

  private constructor(
    readonly deployed: Deployed,
    private readonly eventStore: EventStoreUnderControl,
  ) {}

  static async start(): Promise<Drill> {
    const eventStore = await EventStoreUnderControl.start();
    const given = { url: eventStore.url, stop: () => eventStore.remove() };
    const drill = new Drill(await Deployed.start({ eventStore: given }), eventStore);
    await drill.deployed.service.members(...MEMBERS);
    await drill.untilKnown();
    return drill;
  }

  async stop(): Promise<void> {
    await this.deployed.stop();
    removeFolder(this.backup);
  }

  publishMembers(): Promise<void> {
    return this.deployed.service.members(...MEMBERS);
  }

  /** Waits until both apps that store members have all of them. */
  untilKnown(): Promise<void> {
    const count = async (table: string) =>
      (await this.deployed.pool.query(`SELECT FROM ${table}`)).rowCount === MEMBERS.length;
    return until(
      async () => (await count('read_models.members')) && (await count('notification.members')),
      WITHIN_MS,
      'the members in both apps',
    );
  }

  /** Sends invitations and answers a part of them in every way, and waits for the e-mails. */
  async happen(count: number): Promise<void> {
    const mailsBefore = this.mailCount;
    const invited = await Promise.all(
      Array.from({ length: count }, async () => {
        const { inviter, recipient } = pairOf(this.sent);
        this.sent += 1;
        const id = randomUUID();
        await this.accepted('send', { inviterId: inviter, recipientId: recipient, message: 'Hello' }, id);
        return { id: `${inviter}.${id}`, inviter, recipient };
      }),
    );
    for (const [n, { id, inviter, recipient }] of invited.entries()) {
      const byRecipient = { invitationId: id, actorId: recipient };
      if (n % 4 === 1) await this.accepted('accept', byRecipient);
      if (n % 4 === 2) await this.accepted('ignore', byRecipient);
      if (n % 4 === 3) await this.accepted('withdraw', { invitationId: id, actorId: inviter });
    }
    this.invitations.push(...invited);
    this.lastAnsweredAt = Date.now();
    const accepted = invited.filter((_, n) => n % 4 === 1).length;
    await this.untilMailed(mailsBefore + count + accepted);
  }

  private async accepted(type: string, data: Record<string, string>, id?: string): Promise<void> {
    const { outcome, code } = await this.deployed.service.ask(type, data, id);
    if (outcome !== 'accepted') throw new Error(`${type}: ${code}`);
  }

  get mailCount(): number {
    return this.deployed.smtp.mails.length;
  }

  private untilMailed(count: number): Promise<void> {
    return until(
      () => this.mailCount >= count,
      WITHIN_MS,
      () => `${count} e-mails, not ${this.mailCount}`,
    );
  }

  async stopApps(...names: readonly AppName[]): Promise<void> {
    for (const name of names.length > 0 ? names : APPS) await this.deployed.app(name).stop();
  }

  async startApps(...names: readonly AppName[]): Promise<void> {
    for (const name of names.length > 0 ? names : APPS) await this.deployed.startApp(name);
  }

  async backUpEventStore(): Promise<void> {
    await this.eventStore.kill();
    rmSync(this.backup, { recursive: true });
    cpSync(this.eventStore.dataDir, this.backup, { recursive: true });
    await this.eventStore.start();
  }

  /** When the first outcome was decided, in milliseconds since 1970. */
  async firstDecidedAt(): Promise<number> {
    const { rows } = await this.deployed.pool.query<{ at: string }>(
      'SELECT min(decided_at) AS at FROM read_models.command_outcomes',
    );
    return Date.parse(rows[0]!.at);
  }

  /** Whether the command app has recorded an append since the last invitation was answered. */
  async isLastAppendNewer(): Promise<boolean> {
    const { rows } = await this.deployed.pool.query<{ at: string }>(
      'SELECT recorded_at AS at FROM read_models.last_append',
    );
    return rows[0] !== undefined && Date.parse(rows[0].at) > this.lastAnsweredAt;
  }

  async restoreEventStore(): Promise<void> {
    await this.eventStore.kill();
    rmSync(this.eventStore.dataDir, { recursive: true });
    cpSync(this.backup, this.eventStore.dataDir, { recursive: true });
    await this.eventStore.start();
  }

  /** Runs a tool as an operator. @throws with its output if it fails */
  private async tool(main: string, ...args: string[]): Promise<string> {
    const { brokers, eventStore, postgres } = this.deployed;
    const env = { KAFKA_BROKERS: brokers, EVENTSTORE_URL: eventStore, DATABASE_URL: postgres };
    const { code, out, err } = await runTool(main, args, { env });
    if (code !== 0) throw new Error(`${main} ${args.join(' ')} exited with ${code}: ${out}${err}`);
    return out;
  }

  projections(...args: string[]): Promise<string> {
    return this.tool('projector/src/projections.main.js', ...args);
  }

  sql(statement: string): Promise<unknown> {
    return this.deployed.pool.query(statement);
  }

  /** Waits until a group is empty, and lets it read a topic from its beginning, or from a time in milliseconds since 1970. */
  async resetGroup(groupId: string, topic: string, since?: number): Promise<void> {
    const admin = this.deployed.service.kafka.admin();
    await admin.connect();
    try {
      const state = async () => (await admin.describeGroups([groupId])).groups[0]!.state;
      // A process that has exited by itself stays a member until its session times out.
      await until(
        async () => ['Empty', 'Dead'].includes(await state()),
        WITHIN_MS,
        `${groupId} has no member`,
      );
      if (since === undefined) return await admin.resetOffsets({ groupId, topic, earliest: true });
      const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, since);
      await admin.setOffsets({ groupId, topic, partitions });
    } finally {
      await admin.disconnect();
    }
  }

  /** Deletes all topics of the service with their groups' offsets, and creates them again. */
  async wipeKafka(): Promise<void> {
    const admin = this.deployed.service.kafka.admin();
    await admin.connect();
    try {
      const names = Object.values(TOPICS);
      await admin.deleteTopics({ topics: names });
      const isGone = async () => !(await admin.listTopics()).some((topic) => names.includes(topic as never));
      await until(isGone, WITHIN_MS, 'the topics are deleted');
      const { groups } = await admin.listGroups();
      const own = groups.map(({ groupId }) => groupId).filter((id) => !id.startsWith('test-'));
      await admin.deleteGroups(own);
      await createTopics(new Topics(), this.deployed.brokers, createLogger('test', 'silent'));
      // A broker that still deletes the former partitions does not lead the new ones yet, for longer than a producer retries.
      const isLed = (topic: string) =>
        admin.fetchTopicOffsets(topic).then(
          () => true,
          () => false,
        );
      for (const name of names) await until(() => isLed(name), WITHIN_MS, `${name} has its leaders`);
    } finally {
      await admin.disconnect();
    }
  }

  /** Waits until every projection has handled the whole log. */
  async untilCaughtUp(): Promise<void> {
    let last = '';
    await until(
      async () => {
        last = await this.projections('status', '--json');
        const all = JSON.parse(last) as { lagEvents: number; slices: { owner: string | null }[] }[];
        return all.every(({ lagEvents }) => lagEvents === 0);
      },
      WITHIN_MS,
      () => `no lag: ${last}`,
    );
  }

  /** Waits until every command that was sent has an outcome again, and its event is in the log. */
  untilDecidedAgain(): Promise<void> {
    const ids = this.invitations.map(({ id }) => id.slice(id.indexOf('.') + 1));
    let missing = ids;
    return until(
      async () => {
        const { rows } = await this.deployed.pool.query<{ id: string }>(
          'SELECT command_id AS id FROM read_models.command_outcomes WHERE command_id = ANY($1::uuid[])',
          [ids],
        );
        const decided = new Set(rows.map(({ id }) => id));
        missing = ids.filter((id) => !decided.has(id));
        return missing.length === 0;
      },
      WITHIN_MS,
      () =>
        `an outcome again of ${missing.length} of ${ids.length} commands, of which the first is number ${ids.indexOf(missing[0]!)}; ` +
        this.deployed.app('command').output.slice(-2_000),
    );
  }

  /** Compares the read models with the log. @throws with the differences */
  verify(): Promise<string> {
    return this.tool('replay/src/main.js', 'verify');
  }
}
