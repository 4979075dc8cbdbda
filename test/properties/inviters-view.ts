import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Command, InvitationEvent } from '#libs/invitation';
import { sentProjection, type SentInvitation, type SentRow } from '#libs/read-models';
import { SentPage } from '../../apps/api/src/pages/sent/sent.page.js';
import { ENGLISH } from '../../apps/api/src/pages/texts/english.js';
import { publicEvent } from '../../apps/projector/src/publisher/public-event.js';
import { INVITER, type Beginning } from './beginnings.js';
import { World, type Answer } from './world.js';

/** A world as its inviter sees it: the answers, their sent list and its page, and what is published. */
export class InvitersView {
  private answers: Answer[] = [];
  private published: unknown[] = [];
  private readonly list = new Map<string, SentRow>();
  private readonly world: World;

  constructor({ policy, history }: Beginning) {
    this.world = new World(policy);
    for (const command of history) this.do(command);
  }

  do(command: Command): readonly InvitationEvent[] {
    const { answer, events } = this.world.handle(command);
    this.notice(events);
    // The service's own commands are answered to nobody.
    if (command.type !== 'RemindRecipient' && command.type !== 'RecordConnection') this.answers.push(answer);
    return events;
  }

  /** Something else happens to the inviter's account. */
  happens(event: InvitationEvent): void {
    this.world.append(INVITER, [event]);
    this.notice([event]);
  }

  /** What the recipient does: it shows, if at all, in the list and in what is published. */
  recipientDoes(command: Command): readonly InvitationEvent[] {
    const events = this.do(command);
    this.answers.pop();
    return events;
  }

  /** What has come to the inviter's eyes since this was last asked, and their list as it is now. */
  news() {
    const news = { answers: this.answers, published: this.published, list: this.list, page: this.page() };
    this.answers = [];
    this.published = [];
    return news;
  }

  /** Their list in a browser, with one id for all that differ from one showing to the next. */
  private page(): string {
    const items = [...this.list.values()].map(listed);
    const view = { texts: ENGLISH, address: '/sent', newCommandId: () => 'id' };
    return renderToString(h(SentPage, { view, page: { items } }));
  }

  private notice(events: readonly InvitationEvent[]): void {
    events.forEach((event, ordinal) => {
      this.showInList(event);
      const logged = { id: `${event.commandId}/${ordinal}`, event, position: { commit: 0n, prepare: 0n } };
      const message = publicEvent(logged);
      // A reminder's goes to the recipient only.
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

const listed = (row: SentRow): SentInvitation => ({
  invitationId: row.invitation_id,
  recipient: { id: row.recipient_id, name: row.recipient_id },
  ...(row.message === null ? {} : { message: row.message }),
  sentAt: row.sent_at,
  status: row.status,
});
