import type { Email } from '#libs/mail';
import type { Queryable } from '#libs/platform';
import { followUpIsQueued, sentSince } from '../invitation-sent/mail-interval.js';
import type { Links } from '../links.js';
import { findMembers } from '../members/members.table.js';
import { findPreferences } from '../preferences/preferences.table.js';
import { COMPOSE } from './compose.js';
import { PREFERENCE_OF, type Delivery, type Reason } from './delivery.js';

export interface Preparation {
  readonly links: Links;
  /** Least time between two invitation e-mails from one inviter to one recipient, in milliseconds. */
  readonly invitationIntervalMs: number;
}

/** What is to be done with a delivery. */
export type Prepared =
  | { readonly is: 'ready'; readonly to: string; readonly email: Email }
  | { readonly is: 'suppressed'; readonly reason: Reason }
  | { readonly is: 'waiting' };

/** Looks at what counts at the time of sending: who the members are now, and what the recipient wants now. */
export async function prepare(
  db: Queryable,
  delivery: Delivery,
  { links, invitationIntervalMs }: Preparation,
): Promise<Prepared> {
  const preferences = await findPreferences(db, delivery.recipientId);
  if (!preferences.all || !preferences[PREFERENCE_OF[delivery.kind]]) return suppressed('PREFERENCE');
  if (delivery.kind === 'invitation' && invitationIntervalMs > 0) {
    if (await sentSince(db, delivery, invitationIntervalMs)) return suppressed('TOO_SOON');
    if (await followUpIsQueued(db, delivery)) return suppressed('SUPERSEDED');
  }
  const members = await findMembers(db, [delivery.recipientId, delivery.aboutId]);
  const recipient = members.get(delivery.recipientId);
  const about = members.get(delivery.aboutId);
  if (recipient === undefined || about === undefined) return { is: 'waiting' };
  const email = await COMPOSE[delivery.kind]({ db, delivery, recipient, about, links });
  return { is: 'ready', to: recipient.email, email };
}

const suppressed = (reason: Reason): Prepared => ({ is: 'suppressed', reason });
