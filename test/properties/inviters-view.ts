import { h } from 'preact';
import { Topics } from '#libs/contracts';
import { renderToString } from 'preact-render-to-string';
import type { Command, InvitationEvent } from '#libs/invitation';
import { sentProjection, type EarlierInvitation, type SentInvitation, type SentRow } from '#libs/read-models';
import { SentPage } from '../../apps/api/src/pages/sent/sent.page.js';
import { ENGLISH } from '../../apps/api/src/pages/texts/english.js';
import { toIntegrationEvent } from '../../apps/projector/src/publisher/integration-event.mapper.js';
import { INVITER, type UntouchedHistory } from './untouched-histories.js';
import { InMemoryCommandApp, type Answer } from './in-memory-command-app.js';

const OF_THE_SERVICE: readonly Command['type'][] = [
  'RemindRecipient',
  'ExpireInvitation',
  'CloseInvitation',
  'RecordConnection',
  'EndConnection',
];

/** The service as its inviter sees it: the outcomes, their sent list and its page, and the public events. */
export class InvitersView {
  private answers: Answer[] = [];
  private published: unknown[] = [];
  private readonly list = new Map<string, SentRow>();
  private readonly app: InMemoryCommandApp;

  constructor({ policy, history }: UntouchedHistory) {
    this.app = new InMemoryCommandApp(policy);
    for (const command of history) this.do(command);
  }

  do(command: Command): readonly InvitationEvent[] {
    const { answer, events } = this.app.handle(command);
    this.notice(events);
    // Nobody receives outcomes of the service's own commands.
    if (!OF_THE_SERVICE.includes(command.type)) this.answers.push(answer);
    return events;
  }

  /** Appends another event to the inviter's account. */
  happens(event: InvitationEvent): void {
    this.app.append(INVITER, [event]);
    this.notice([event]);
  }

  /** Lets the recipient act, which the inviter may see in the list and in public events. */
  recipientDoes(command: Command): readonly InvitationEvent[] {
    const events = this.do(command);
    this.answers.pop();
    return events;
  }

  /** Returns what the inviter has seen since the last call, and their present list. */
  news() {
    const news = { answers: this.answers, published: this.published, list: this.list, page: this.page() };
    this.answers = [];
    this.published = [];
    return news;
  }

  /** Renders the list as a page, with one id in place of all that differ between two renderings. */
  private page(): string {
    const rows = [...this.list.values()].map(listed);
    const items = rows.filter(isListed);
    const view = { texts: ENGLISH, now: new Date(0), member: {}, address: '/sent', newCommandId: () => 'id' };
    const history = Map.groupBy(rows.toReversed(), ({ recipient }) => recipient.id);
    return renderToString(h(SentPage, { view, page: { items }, history }));
  }

  private notice(events: readonly InvitationEvent[]): void {
    events.forEach((event, ordinal) => {
      this.showInList(event);
      const logged = { id: `${event.commandId}/${ordinal}`, event, position: { commit: 0n, prepare: 0n } };
      const message = toIntegrationEvent(logged, new Topics());
      // The event of a reminder concerns the recipient only.
      if (message !== undefined && event.type !== 'InvitationReminderDue') this.published.push(message);
    });
  }

  private showInList(event: InvitationEvent): void {
    for (const key of sentProjection.keysOf(event)) {
      const row = sentProjection.fold(this.list.get(key), event, key);
      if (row === undefined) this.list.delete(key);
      else if (row.inviter_id === INVITER) this.list.set(key, row);
    }
  }
}

const isListed = (row: EarlierInvitation): row is SentInvitation => row.status !== 'superseded';

const listed = (row: SentRow): EarlierInvitation => ({
  invitationId: row.invitation_id,
  recipient: { id: row.recipient_id, name: row.recipient_id },
  ...(row.message === null ? {} : { message: row.message }),
  sentAt: row.sent_at,
  status: row.status,
  ...(row.reply === null ? {} : { reply: row.reply }),
  ...(row.replied_at === null ? {} : { repliedAt: row.replied_at }),
});
