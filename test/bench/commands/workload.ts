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

/** Each from an account of its own. One at a time, for there may be a million. */
export function* allDifferent(run: string, count: number): Generator<Sending> {
  for (let n = 0; n < count; n += 1) yield { inviterId: `${run}-${n}`, recipientId: recipient(n) };
}

/** `accounts` accounts in turn, each to one recipient after the other. */
export const ofAccounts = (run: string, accounts: number, count: number): Sending[] =>
  Array.from({ length: count }, (_, n) => ({
    inviterId: `${run}-${n % accounts}`,
    recipientId: recipient(Math.floor(n / accounts)),
  }));

/** "Many commands an account": so many accounts at a time, whose states fit the app's cache, and commands of each. */
const FEW_ACCOUNTS = 200;
const COMMANDS_EACH = 150;

/** A few accounts in turn; after their last command come as many others. */
export function* ofFewAccounts(run: string, count: number): Generator<Sending> {
  const together = FEW_ACCOUNTS * COMMANDS_EACH;
  for (let wave = 0; wave * together < count; wave += 1) {
    yield* ofAccounts(`${run}-${wave}`, FEW_ACCOUNTS, Math.min(together, count - wave * together));
  }
}

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
