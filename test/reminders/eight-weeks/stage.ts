import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemberAtApi, type Mail } from '../../support/member.js';
import { killTree, processTree } from '../../support/process-tree.js';
import { PublishingService } from '../../support/publisher.js';
import { newFolder, removeFolder, startEmbedded, type Standalone } from '../../support/standalone.js';
import { MUTE, WISHES, type Script, type Wish } from './scripts.js';

const ALL = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
const PREFERENCES: Readonly<Record<Wish, object>> = {
  nothing: { ...ALL, all: false },
  'no reminders': { ...ALL, reminders: false },
  'no invitations': { ...ALL, invitations: false },
  'all again': ALL,
};

/** Whom the sentinel invites. */
const NOBODY = 'nobody';

const seconds = (ms: number) => `PT${ms / 1000}S`;

/** The service with weeks of some seconds, and what can be seen of it from outside. */
export class Stage {
  /** Each mail as the model writes it down. */
  mails: readonly string[] = [];
  /** Each reminder that Kafka was told of, by the event's id: after a kill some are told twice. */
  private readonly told = new Map<string, string>();
  /** Mails to the sentinel's recipient, who is in no script. */
  private toNobody = 0;
  private readonly members = new Map<string, MemberAtApi>();
  private readonly dir = newFolder();
  private readonly closing = new AbortController();
  private watching: Promise<void> | undefined;
  private service: PublishingService | undefined;
  private standalone: Standalone | undefined;

  /** @param weekMs how long a week takes */
  static async open(weekMs: number, scripts: readonly Script[]): Promise<Stage> {
    const stage = new Stage();
    try {
      await stage.start(weekMs, scripts);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private async start(weekMs: number, scripts: readonly Script[]): Promise<void> {
    const standalone = await startEmbedded(this.dir, {
      REMINDERS: [1, 2, 3].map((week) => seconds(week * weekMs)).join(),
      // Long for a week like that: a process that is killed costs seconds, however short the weeks are.
      REMINDER_VALIDITY: seconds(2 * weekMs),
      REMINDER_POLL: 'PT0.05S',
      REMINDER_RETRY: 'PT0.5S',
      INVITATION_MAIL_INTERVAL: seconds(Math.round(weekMs / 7)),
      RESTRICT_AFTER_DECLINES: '0',
      LEASE_TTL: 'PT1S',
    });
    this.standalone = standalone;
    this.service = await new PublishingService(standalone.endpoints.kafka).start();
    await this.service.listen(['invitations.reminder-due'], ({ headers, value }) => {
      const { inviterId, recipientId, ordinal } = JSON.parse(String(value)) as Record<string, string>;
      this.told.set(String(headers!['ce_id']), `${inviterId} to ${recipientId}: ${ordinal}`);
    });
    const ids = new Set(scripts.flatMap(({ inviter, recipient }) => [inviter, recipient]));
    await this.service.members('sentinel', NOBODY, ...ids);
    const wishful = scripts.filter(({ steps }) => steps.some(({ what }) => what in PREFERENCES));
    await Promise.all(
      [MUTE, ...Object.keys(WISHES), ...wishful.map(({ recipient }) => recipient)].map(async (id) =>
        this.members.set(id, await MemberAtApi.of(standalone, id)),
      ),
    );
    await Promise.all(Object.entries(WISHES).map(([id, wish]) => this.wish(id, wish)));
    await this.prefer(MUTE, { ...ALL, acceptances: false, replies: false });
    this.watching = this.watch();
  }

  get reminders(): readonly string[] {
    return [...this.told.values()].filter((reminder) => !reminder.includes(` ${NOBODY}:`));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.watching;
    await this.service?.stop();
    if (this.standalone !== undefined) killTree(this.standalone.pid);
    removeFolder(this.dir);
  }

  /** @returns the invitation's id */
  async invite(inviterId: string, recipientId: string, email: Record<string, string> = {}): Promise<string> {
    for (;;) {
      const commandId = randomUUID();
      const answer = await this.service!.ask('send', { inviterId, recipientId, ...email }, commandId);
      if (answer.outcome === 'accepted') return `${inviterId}.${commandId}`;
      // Not in the directory yet.
      if (answer.code !== 'RECIPIENT_UNAVAILABLE')
        throw new Error(`${recipientId} is not invited: ${answer.code}`);
      await sleep(100);
    }
  }

  async answer(type: string, invitationId: string, actorId: string): Promise<void> {
    const message: Record<string, string> = type === 'reply' ? { message: 'Where have we met?' } : {};
    const { outcome, code } = await this.service!.ask(type, { invitationId, actorId, ...message });
    if (outcome !== 'accepted') throw new Error(`${type} by ${actorId}: ${code}`);
  }

  wish(member: string, wish: Wish): Promise<void> {
    return this.prefer(member, PREFERENCES[wish]);
  }

  /** When commands are carried out, events published and mails sent again. */
  async untilMailsAreSent(): Promise<void> {
    const before = this.toNobody;
    await this.invite('sentinel', NOBODY);
    while (this.toNobody === before) await sleep(50);
  }

  signal(app: string, signal: NodeJS.Signals): void {
    const found = processTree(this.standalone!.pid).find(({ command }) =>
      command.includes(`apps/${app}/src/main.js`),
    );
    if (found === undefined) throw new Error(`${app} does not run`);
    process.kill(found.pid, signal);
  }

  private async prefer(member: string, preferences: object): Promise<void> {
    const response = await this.members.get(member)!.request('PUT', '/v1/email-preferences', preferences);
    if (!response.ok) throw new Error(`preferences: ${response.status}`);
  }

  private async watch(): Promise<void> {
    const { signal } = this.closing;
    while (await sleep(200, true, { signal }).catch(() => false)) {
      const response = await fetch(`${this.standalone!.endpoints.mail}/api/messages`);
      const all = ((await response.json()) as Mail[]).map(written);
      this.mails = all.filter((mail) => !mail.startsWith(`${NOBODY}:`));
      this.toNobody = all.length - this.mails.length;
    }
  }
}

const SUBJECTS: readonly (readonly [RegExp, string])[] = [
  [/^Reminder: Name of (\S+) would like to connect$/, 'reminder from'],
  [/^Name of (\S+) would like to connect$/, 'invitation from'],
  [/^Your network has a new member: Name of (\S+)$/, 'acceptance by'],
  [/^Name of (\S+) has replied to your invitation$/, 'reply by'],
];

/** A mail by recipient, kind and person; one that is of no kind that is known stays as it is. */
function written({ to, subject }: Mail): string {
  const what = SUBJECTS.flatMap(([pattern, kind]) => {
    const [, whom] = pattern.exec(subject) ?? [];
    return whom === undefined ? [] : [`${kind} ${whom}`];
  });
  return `${to.map((address) => address.replace('@network.example', '')).join()}: ${what[0] ?? subject}`;
}
