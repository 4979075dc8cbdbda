import { randomUUID } from 'node:crypto';
import { cloudEventHeaders } from '#libs/contracts';
import type { InvitationSent } from '#libs/invitation';
import type { Message } from 'kafkajs';

/** The recipients of all invitations. */
export const RECIPIENTS = 1_000;
export const recipient = (n: number): string => `recipient-${n % RECIPIENTS}`;

export const MESSAGE = 'We met at the conference in May; I would like to stay in touch.';
const SOURCE = '/bench';

/** Returns the nth invitation of an account. */
export interface Sending {
  readonly inviterId: string;
  readonly recipientId: string;
}

/** Yields commands, each on a different account. A generator, because there may be a million. */
export function* allDifferent(run: string, count: number): Generator<Sending> {
  for (let n = 0; n < count; n += 1) yield { inviterId: `${run}-${n}`, recipientId: recipient(n) };
}

/** Yields commands for `accounts` accounts in turn, each to one recipient after another. */
export const ofAccounts = (run: string, accounts: number, count: number): Sending[] =>
  Array.from({ length: count }, (_, n) => ({
    inviterId: `${run}-${n % accounts}`,
    recipientId: recipient(Math.floor(n / accounts)),
  }));

/** For "many commands an account": accounts whose states fit into the app's cache, and commands of each. */
const FEW_ACCOUNTS = 200;
const COMMANDS_EACH = 150;

/** Yields commands for a few accounts in turn, and then for the next few. */
export function* ofFewAccounts(run: string, count: number): Generator<Sending> {
  const together = FEW_ACCOUNTS * COMMANDS_EACH;
  for (let wave = 0; wave * together < count; wave += 1) {
    yield* ofAccounts(`${run}-${wave}`, FEW_ACCOUNTS, Math.min(together, count - wave * together));
  }
}

/** Returns the command as another service publishes it. */
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

/** Returns the event of such a command, for the client that appends it without a command. */
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
