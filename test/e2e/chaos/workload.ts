import type { Message } from 'kafkajs';
import { cloudEventHeaders } from '#libs/contracts';
import { addressOf, RECIPIENTS, REPLIES } from '../../integration/command/support/servers.js';
import { SeededRandom } from '../../support/seeded-random.js';

/** In percent of the messages. */
const INVALID = 1;
const REPEATED = 6;
const REUSED_ID = 1;

export interface Workload {
  /** In the order of their publication. Messages on one account have one key. */
  readonly messages: readonly Message[];
  /** Ids of the valid commands. */
  readonly valid: ReadonlySet<string>;
  /** The ids among them that also occur with other data. */
  readonly reused: ReadonlySet<string>;
  /** Messages that are not commands, by their id or by the marker in their value. */
  readonly invalid: readonly string[];
}

interface Account {
  readonly id: string;
  readonly invitations: { readonly id: string; readonly recipientId: string }[];
  readonly published: Message[];
}

/** Messages as many publishers send them. No outcome depends on the time or on other accounts. */
export function workload(seed: number, count: number): Workload {
  const random = new SeededRandom(seed);
  const accounts = Array.from({ length: Math.max(20, count / 100) }, (_, n): Account => ({
    id: `inviter-${n}`,
    invitations: [],
    published: [],
  }));
  const messages: Message[] = [];
  const valid = new Set<string>();
  const reusedIds = new Set<string>();
  const invalid: string[] = [];
  while (messages.length < count) {
    const account = random.pick(accounts);
    const kind = random.below(100);
    const earlier = account.published.slice(-50);
    if (kind < INVALID) {
      const { message, name } = invalidMessage(random, account.id, invalid.length);
      messages.push(message);
      invalid.push(name);
    } else if (kind < INVALID + REPEATED && earlier.length > 0) {
      messages.push(random.pick(earlier));
    } else {
      const sendings = earlier.filter(({ headers }) => headers!['ce_type'] === 'invitations.send.v1');
      const reused = kind < INVALID + REPEATED + REUSED_ID && sendings.length > 0;
      const original = reused ? random.pick(sendings) : undefined;
      const id = original === undefined ? random.uuid() : idOf(original);
      const message = reused ? sending(random, account, id) : command(random, account, id);
      if (original === undefined) account.published.push(message);
      else if (message.value !== original.value) reusedIds.add(id);
      messages.push(message);
      valid.add(id);
    }
  }
  return { messages, valid, reused: reusedIds, invalid };
}

export const idOf = ({ headers }: Message): string => String(headers!['ce_id']);

function command(random: SeededRandom, account: Account, id: string): Message {
  const { invitations } = account;
  const kind = random.below(100);
  if (invitations.length === 0 || kind < 38) return sending(random, account, id);
  if (kind === 38) {
    const data = { accountId: account.id, operatorId: 'olga', reason: 'looked into it' };
    return message(account.id, id, 'lift-restriction', data);
  }
  // Mostly one of the latest, so that answers conflict.
  const invitation = random.pick(random.below(4) === 0 ? invitations : invitations.slice(-4));
  const type = random.pick([
    'accept',
    'reply',
    'ignore',
    'ignore',
    'decline',
    'decline',
    'withdraw',
  ] as const);
  const rightful = type === 'withdraw' ? account.id : invitation.recipientId;
  const actorId = random.below(20) === 0 ? 'a-stranger' : rightful;
  const more = type === 'reply' ? { message: `Who are you? ${random.below(1_000)}` } : {};
  return message(account.id, id, type, { invitationId: invitation.id, actorId, ...more });
}

function sending(random: SeededRandom, { id: inviterId, invitations }: Account, id: string): Message {
  const recipientId = random.below(30) === 0 ? 'nobody' : random.pick(RECIPIENTS);
  invitations.push({ id: `${inviterId}.${id}`, recipientId });
  const recipientEmail = random.pick([undefined, addressOf(recipientId), 'wrong@network.example']);
  return message(inviterId, id, 'send', {
    inviterId,
    recipientId,
    ...(recipientEmail === undefined ? {} : { recipientEmail }),
    ...(random.below(2) === 0 ? {} : { message: `Hello, ${recipientId}!` }),
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

/** Some have a readable id, which identifies them. The others are identified by their value. */
function invalidMessage(
  random: SeededRandom,
  inviterId: string,
  n: number,
): { message: Message; name: string } {
  const id = random.uuid();
  const good = message(inviterId, id, 'send', { inviterId, recipientId: 'recipient-0' });
  const nameless = { name: `invalid ${n}`, value: JSON.stringify(`invalid ${n}`) };
  const { ce_id: _id, ...withoutId } = good.headers!;
  switch (random.below(7)) {
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
