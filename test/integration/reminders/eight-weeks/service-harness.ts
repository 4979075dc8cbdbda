import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemberAtApi, type Mail } from '../../../support/member.js';
import { killTree, processTree } from '../../../support/process-tree.js';
import { PublishingService } from '../../../support/publisher.js';
import { newFolder, removeFolder, startEmbedded, type Standalone } from '../../../support/standalone.js';
import { MUTE, WISHES, type Scenario, type Wish } from './scenarios.js';

const ALL = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
const PREFERENCES: Readonly<Record<Wish, object>> = {
  nothing: { ...ALL, all: false },
  'no reminders': { ...ALL, reminders: false },
  'no invitations': { ...ALL, invitations: false },
  'all again': ALL,
};

/** The recipient of the sentinel's invitations. */
const NOBODY = 'nobody';

const seconds = (ms: number) => `PT${ms / 1000}S`;

/** The service with weeks of a few seconds, seen from outside. */
export class ServiceHarness {
  /** Each e-mail, described as the model describes it. */
  mails: readonly string[] = [];
  /** Each published reminder by the event's id. After a kill, some are published twice. */
  private readonly told = new Map<string, string>();
  /** The number of e-mails to the sentinel's recipient, who is in no scenario. */
  private toNobody = 0;
  private readonly members = new Map<string, MemberAtApi>();
  private readonly dir = newFolder();
  private readonly closing = new AbortController();
  private watching: Promise<void> | undefined;
  private service: PublishingService | undefined;
  private standalone: Standalone | undefined;

  /** @param weekMs the duration of a week */
  static async open(weekMs: number, scenarios: readonly Scenario[]): Promise<ServiceHarness> {
    const harness = new ServiceHarness();
    try {
      await harness.start(weekMs, scenarios);
      return harness;
    } catch (error) {
      await harness.close();
      throw error;
    }
  }

  private async start(weekMs: number, scenarios: readonly Scenario[]): Promise<void> {
    const standalone = await startEmbedded(this.dir, {
      REMINDERS: [1, 2, 3].map((week) => seconds(week * weekMs)).join(),
      // Long in relation to such a week, because a killed process costs seconds, however short the weeks are.
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
    const ids = new Set(scenarios.flatMap(({ inviter, recipient }) => [inviter, recipient]));
    await this.service.members('sentinel', NOBODY, ...ids);
    const wishful = scenarios.filter(({ steps }) => steps.some(({ what }) => what in PREFERENCES));
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
      // The directory does not have the members yet.
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

  /** Waits until commands are processed, events are published and e-mails are sent again. */
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
  [/^Name of (\S+) replied to your invitation$/, 'reply by'],
];

/** Describes an e-mail by recipient, kind and other member. An e-mail of unknown kind is returned unchanged. */
function written({ to, subject }: Mail): string {
  const what = SUBJECTS.flatMap(([pattern, kind]) => {
    const [, whom] = pattern.exec(subject) ?? [];
    return whom === undefined ? [] : [`${kind} ${whom}`];
  });
  return `${to.map((address) => address.replace('@network.example', '')).join()}: ${what[0] ?? subject}`;
}
