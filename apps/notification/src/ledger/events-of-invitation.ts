import { inviterOfInvitation } from '#libs/contracts';
import { accountEvents, connectEventStore, dispose, type AccountEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';

/** Reads what has happened to an invitation: it is all in its inviter's stream. */
export async function eventsOfInvitation(url: string, invitationId: string): Promise<AccountEvent[]> {
  const client = connectEventStore(url);
  const events: AccountEvent[] = [];
  try {
    for await (const one of accountEvents(client, inviterOfInvitation(invitationId))) {
      if (isAbout(one.event, invitationId)) events.push(one);
    }
  } finally {
    await dispose(client);
  }
  return events;
}

function isAbout(event: InvitationEvent, invitationId: string): boolean {
  if (event.type === 'ConnectionRecorded') return event.closes === invitationId;
  if (event.type === 'InvitationSent' && event.supersedes === invitationId) return true;
  return 'invitationId' in event && event.invitationId === invitationId;
}
