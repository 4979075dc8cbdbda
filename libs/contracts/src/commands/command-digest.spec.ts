import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './parse-command.js';
import { commandDigest } from './command-digest.js';

const ID = '00000000-0000-4000-8000-00000000000a';
const INVITATION = 'amal.00000000-0000-4000-8000-00000000000b';

function digest(type: string, value: string, id = ID): string {
  const headers: Record<string, string> = { ce_id: id, ce_type: `invitations.${type}.v1` };
  return commandDigest(parseCommand({ value: Buffer.from(value), header: (name) => headers[name] }));
}

const send = (extra: object = {}) => JSON.stringify({ inviterId: 'amal', recipientId: 'bilal', ...extra });
const accept = (extra: object = {}) =>
  JSON.stringify({ invitationId: INVITATION, actorId: 'bilal', ...extra });

describe('commandDigest', () => {
  it('always returns the same digest for the same command', () => {
    expect(digest('send', send({ message: 'Hi' }))).toBe(
      '8e49a66b773ba68fbd6bae3ba52185ffcfd1dab42c677a7254915a75cf070d84',
    );
  });

  it.each<[string, string, string, string]>([
    ['the order of names', 'send', send(), '{"recipientId":"bilal","inviterId":"amal"}'],
    ['white space', 'send', send(), `\n ${send()} `],
    ['escapes', 'send', send(), send().replace('amal', '\\u0061mal')],
    ['null for what is absent', 'send', send(), send({ message: null, recipientEmail: null })],
    ['an empty message', 'send', send(), send({ message: '' })],
    [
      'control characters, which are stripped',
      'send',
      send({ message: 'Hi' }),
      send({ message: 'H\u0007i' }),
    ],
    ['via, where it is the default', 'accept', accept(), accept({ via: 'site' })],
    [
      'capitals in an invitation id',
      'accept',
      accept(),
      accept({ invitationId: INVITATION.replace('b', 'B') }),
    ],
  ])('does not depend on %s', (_what, type, one, other) => {
    expect(digest(type, other)).toBe(digest(type, one));
  });

  it('does not depend on capitals in the id', () => {
    expect(digest('send', send(), ID.toUpperCase())).toBe(digest('send', send()));
  });

  it('depends on the id, the type and every field', () => {
    const digests = [
      digest('send', send()),
      digest('send', send(), ID.replace('a', 'c')),
      digest('send', send({ message: 'Hi' })),
      digest('send', send({ message: 'hi' })),
      digest('send', send({ recipientEmail: 'hi@network.example' })),
      digest('send', send({ recipientId: 'chiara' })),
      digest('send', send({ inviterId: 'chiara' })),
      digest('accept', accept()),
      digest('accept', accept({ via: 'email' })),
      digest('accept', accept({ actorId: 'chiara' })),
      digest('ignore', accept()),
      digest('withdraw', accept()),
      digest('reply', accept({ message: 'site' })),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
