import { randomUUID } from 'node:crypto';
import { cloudEventHeaders } from '#libs/contracts';
import type { InvitationSent } from '#libs/invitation';
import type { Message } from 'kafkajs';

/** Members whom invitations go to. */
export const RECIPIENTS = 1_000;
export const recipient = (n: number): string => `recipient-${n % RECIPIENTS}`;

const MESSAGE = 'We met at the conference in May; I would like to stay in touch.';
const SOURCE = '/bench';

/** The nth invitation that some account sends. */
export interface Sending {
  readonly inviterId: string;
  readonly recipientId: string;
}

/** Each from an account of its own. */
export const allDifferent = (run: string, count: number): Sending[] =>
  Array.from({ length: count }, (_, n) => ({ inviterId: `${run}-${n}`, recipientId: recipient(n) }));

/** `accounts` accounts in turn, each to one recipient after the other. */
export const ofAccounts = (run: string, accounts: number, count: number): Sending[] =>
  Array.from({ length: count }, (_, n) => ({
    inviterId: `${run}-${n % accounts}`,
    recipientId: recipient(Math.floor(n / accounts)),
  }));

/** The command as another service publishes it. */
export function commandMessage({ inviterId, recipientId }: Sending, replyTo?: string): Message {
  const attributes = {
    id: randomUUID(),
    type: 'invitations.send.v1',
    source: SOURCE,
    time: new Date().toISOString(),
  };
  return {
    key: inviterId,
    value: JSON.stringify({ inviterId, recipientId, message: MESSAGE }),
    headers: {
      ...cloudEventHeaders(attributes),
      ...(replyTo === undefined ? {} : { 'reply-to': replyTo }),
    },
  };
}

/** The event that such a command leads to, for the client that appends it without any command. */
export function sentEvent({ inviterId, recipientId }: Sending): InvitationSent {
  const commandId = randomUUID();
  return {
    type: 'InvitationSent',
    commandId,
    invitationId: `${inviterId}.${commandId}`,
    inviterId,
    recipientId,
    message: MESSAGE,
    at: new Date().toISOString(),
  };
}
