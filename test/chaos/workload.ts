import type { Message } from 'kafkajs';
import { cloudEventHeaders } from '#libs/contracts';
import { addressOf, RECIPIENTS, REPLIES } from '../command/support/servers.js';
import { Chance } from './chance.js';

/** Of a hundred messages. */
const POISON = 1;
const REPEATED = 6;
const REUSED_ID = 1;

export interface Workload {
  /** In the order in which they are published; those of an account have one key. */
  readonly messages: readonly Message[];
  /** Ids of the valid commands. */
  readonly valid: ReadonlySet<string>;
  /** What is no command, by its id, or else by what its value says. */
  readonly poison: readonly string[];
}

interface Account {
  readonly id: string;
  readonly invitations: { readonly id: string; readonly recipientId: string }[];
  readonly published: Message[];
}

/** Messages such as many publishers send: nothing in them makes an outcome depend on the time or on other accounts. */
export function workload(seed: number, count: number): Workload {
  const chance = new Chance(seed);
  const accounts = Array.from({ length: Math.max(20, count / 100) }, (_, n): Account => ({
    id: `inviter-${n}`,
    invitations: [],
    published: [],
  }));
  const messages: Message[] = [];
  const valid = new Set<string>();
  const poison: string[] = [];
  while (messages.length < count) {
    const account = chance.of(accounts);
    const kind = chance.below(100);
    const earlier = account.published.slice(-50);
    if (kind < POISON) {
      const { message, name } = poisonous(chance, account.id, poison.length);
      messages.push(message);
      poison.push(name);
    } else if (kind < POISON + REPEATED && earlier.length > 0) {
      messages.push(chance.of(earlier));
    } else {
      // By the same actor: another one would be told that the id is taken.
      const sendings = earlier.filter(({ headers }) => headers!['ce_type'] === 'invitations.send.v1');
      const reused = kind < POISON + REPEATED + REUSED_ID && sendings.length > 0;
      const id = reused ? idOf(chance.of(sendings)) : chance.uuid();
      const message = reused ? sending(chance, account, id) : command(chance, account, id);
      if (!reused) account.published.push(message);
      messages.push(message);
      valid.add(id);
    }
  }
  return { messages, valid, poison };
}

export const idOf = ({ headers }: Message): string => String(headers!['ce_id']);

function command(chance: Chance, account: Account, id: string): Message {
  const { invitations } = account;
  const kind = chance.below(100);
  if (invitations.length === 0 || kind < 38) return sending(chance, account, id);
  if (kind === 38) {
    const data = { accountId: account.id, operatorId: 'olga', reason: 'looked into it' };
    return message(account.id, id, 'lift-restriction', data);
  }
  // Mostly one of the latest: then answers meet each other.
  const invitation = chance.of(chance.below(4) === 0 ? invitations : invitations.slice(-4));
  const type = chance.of(['accept', 'reply', 'ignore', 'ignore', 'decline', 'decline', 'withdraw'] as const);
  const rightful = type === 'withdraw' ? account.id : invitation.recipientId;
  const actorId = chance.below(20) === 0 ? 'a-stranger' : rightful;
  const more = type === 'reply' ? { message: `Who are you? ${chance.below(1_000)}` } : {};
  return message(account.id, id, type, { invitationId: invitation.id, actorId, ...more });
}

function sending(chance: Chance, { id: inviterId, invitations }: Account, id: string): Message {
  const recipientId = chance.below(30) === 0 ? 'nobody' : chance.of(RECIPIENTS);
  invitations.push({ id: `${inviterId}.${id}`, recipientId });
  const recipientEmail = chance.of([undefined, addressOf(recipientId), 'wrong@network.example']);
  return message(inviterId, id, 'send', {
    inviterId,
    recipientId,
    ...(recipientEmail === undefined ? {} : { recipientEmail }),
    ...(chance.below(2) === 0 ? {} : { message: `Hello, ${recipientId}!` }),
  });
}

const AT = new Date(Date.UTC(2026, 0, 5)).toISOString();

function message(key: string, id: string, type: string, data: object): Message {
  const attributes = { id, type: `invitations.${type}.v1`, source: '/chaos', time: AT };
  return {
    key,
    value: JSON.stringify(data),
    headers: { ...cloudEventHeaders(attributes), 'reply-to': REPLIES },
  };
}

/** Some have an id that can be read, and are told by it; in the others it is the value that tells. */
function poisonous(chance: Chance, inviterId: string, n: number): { message: Message; name: string } {
  const id = chance.uuid();
  const good = message(inviterId, id, 'send', { inviterId, recipientId: 'recipient-0' });
  const nameless = { name: `poison ${n}`, value: JSON.stringify(`poison ${n}`) };
  const { ce_id: _id, ...withoutId } = good.headers!;
  switch (chance.below(7)) {
    case 0:
      return { name: id, message: { ...good, value: 'no JSON' } };
    case 1:
      return { name: id, message: { ...good, value: null } };
    case 2:
      return { name: id, message: { ...good, value: Buffer.from([0xff, 0xfe]) } };
    case 3:
      return {
        name: id,
        message: { ...good, headers: { ...good.headers, ce_type: 'invitations.praise.v1' } },
      };
    case 4:
      return { name: id, message: message(inviterId, id, 'send', { inviterId, recipientId: 42 }) };
    case 5:
      return { name: nameless.name, message: { key: null, value: nameless.value } };
    default:
      return { name: nameless.name, message: { key: inviterId, value: nameless.value, headers: withoutId } };
  }
}
