import { describe, expect, it } from '@jest/globals';
import { InvalidDataError, parseCommand, parseEvent, parseProfile, SendInvitationData } from './index.js';

const COMMAND_ID = '7A1C0E52-0000-4000-8000-000000000001';
const INVITATION_ID = `amal.${COMMAND_ID.toLowerCase()}`;

function message(type: string, value: unknown, headers: Record<string, string> = {}) {
  const all: Record<string, string> = { ce_id: COMMAND_ID, ce_type: type, ...headers };
  return {
    value: value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)),
    header: (name: string) => all[name],
  };
}

const send = (data: object) =>
  parseCommand(message('invitations.send.v1', { inviterId: 'amal', recipientId: 'b', ...data }));
const reply = (text: unknown) =>
  parseCommand(message('invitations.reply.v1', { invitationId: INVITATION_ID, actorId: 'b', message: text }));

describe('parseCommand', () => {
  it('parses the data by the type, and returns the id in lower case', () => {
    const command = send({});
    expect(command.commandId).toBe(COMMAND_ID.toLowerCase());
    expect(command.data).toBeInstanceOf(SendInvitationData);
  });

  it.each([
    ['an id that is not a UUID', { ce_id: 'x' }, 'ce_id must be a UUID'],
    ['a type that does not exist', { ce_type: 'invitations.block.v1' }, 'ce_type names no command'],
    ['a type named like a property of every object', { ce_type: 'constructor' }, 'ce_type names no command'],
  ])('rejects headers with %s', (_what, headers, problem) => {
    expect(() => parseCommand(message('invitations.send.v1', {}, headers))).toThrow(problem);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 'colour should not exist'],
    ['a field named like a property of every object', { toString: 'red' }, 'toString should not exist'],
    ['a number where an id belongs', { recipientId: 42 }, 'recipientId must be a member id'],
    ['an object where an id belongs', { recipientId: { toString: 1 } }, 'recipientId must be a member id'],
    ['an id with other characters', { recipientId: 'a b' }, 'recipientId must be a member id'],
    ['an id that is too long', { recipientId: 'a'.repeat(65) }, 'recipientId must be a member id'],
    ['an invalid address', { recipientEmail: 'nobody' }, 'recipientEmail must be an e-mail address'],
    [
      'a message that is too long',
      { message: 'x'.repeat(301) },
      'message must be a text of 0 to 300 characters',
    ],
    ['half a character', { message: '\ud800' }, 'half a character'],
  ])('rejects data with %s', (_what, data, problem) => {
    expect(() => send(data)).toThrow(problem);
  });

  it('rejects a value that is too large, not UTF-8, not JSON, not an object, or sets a prototype', () => {
    const parse = (value: Uint8Array | string) =>
      parseCommand({ ...message('invitations.send.v1', {}), value: Buffer.from(value) });
    expect(() => parse(Buffer.alloc(64 * 1024 + 1, ' '))).toThrow('bytes, more than');
    expect(() => parse(Uint8Array.of(0xff, 0xfe))).toThrow('not UTF-8');
    expect(() => parse('{')).toThrow('not JSON');
    expect(() => parse('[]')).toThrow('must be a JSON object');
    expect(() => parse('null')).toThrow('must be a JSON object');
    expect(() => parse('{"__proto__":{"inviterId":"a"}}')).toThrow('__proto__');
    expect(() => parse('{"constructor":1}')).toThrow('constructor should not exist');
    expect(() => parseCommand({ ...message('invitations.send.v1', {}), value: null })).toThrow('no value');
  });

  it('counts code points, and strips control characters except the newline (D9)', () => {
    expect(send({ message: '👋'.repeat(300) }).data).toMatchObject({ message: '👋'.repeat(300) });
    expect(send({ message: 'a\u0000b\u007fc\u009fd\ne\tf' }).data).toMatchObject({ message: 'abcd\nef' });
    expect(() => reply('\u0000')).toThrow('message must be a text of 1 to 2000 characters');
    expect(reply('x'.repeat(2000)).data).toMatchObject({ message: 'x'.repeat(2000) });
  });

  it('treats null as absent in optional fields, and rejects it in required ones', () => {
    expect(send({ recipientEmail: null, message: null }).data).toEqual({
      inviterId: 'amal',
      recipientId: 'b',
    });
    expect(() => send({ recipientId: null })).toThrow('recipientId must be a member id');
    expect(() => reply(null)).toThrow('message must be a text');
  });

  it.each([
    ['quoted, and breaking a line', '"a\nBcc: x"@network.example'],
    ['of a host', 'bilal@localhost'],
    ['with half a character', 'bilal@\ud800.example'],
    ['with two dots', 'bi..lal@network.example'],
    ['of absurd length', `${'a'.repeat(60_000)}@network.example`],
    ['with a long name', `${'a'.repeat(65)}@network.example`],
    ['of many parts', `a@${'a.'.repeat(30_000)}`],
    ['with someone else', 'a@b.example,c@d.example'],
  ])('rejects an address %s', (_what, recipientEmail) => {
    expect(() => send({ recipientEmail })).toThrow(InvalidDataError);
  });

  it.each(["o'hara+x@sub.network.example", 'دعوة@مثال.شبكة', 'a@xn--mgbh0fb.xn--kgbechtv', 'A@B-c.EXAMPLE'])(
    'accepts the address %s',
    (recipientEmail) => {
      expect(send({ recipientEmail }).data).toMatchObject({ recipientEmail });
    },
  );

  it('returns an invitation id with its UUID in lower case, and a member id unchanged', () => {
    const invitationId = `Amal.${COMMAND_ID.toUpperCase()}`;
    const command = parseCommand(message('invitations.ignore.v1', { invitationId, actorId: 'Bilal' }));
    expect(command.data).toEqual({ invitationId: `Amal.${COMMAND_ID.toLowerCase()}`, actorId: 'Bilal' });
  });

  it('throws a short reason without any name that may be a value', () => {
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, i]));
    expect(() => send(fields)).toThrow(/^(property field\d should not exist(; |$)){10}$/);
    expect(() => send({ 'secret@network.example': 1 })).toThrow(
      expect.objectContaining({ message: 'a property should not exist' }),
    );
    expect(() => send({ [`a${'b'.repeat(60_000)}`]: 1 })).toThrow(/^a property should not exist$/);
  });

  it('throws a reason without personal data', () => {
    expect(() => send({ recipientEmail: 'secret@nowhere' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('parseEvent', () => {
  const data = {
    invitationId: INVITATION_ID,
    inviterId: 'amal',
    recipientId: 'b',
    at: '2026-01-05T09:00:00.000Z',
  };

  it('ignores unknown fields, because the publisher may be newer', () => {
    const event = parseEvent(message('invitations.sent.v1', { ...data, mood: 'hopeful' }));
    expect(event.data).toEqual(data);
  });

  it.each([
    ['2026-02-31T09:00:00.000Z'],
    ['2026-01-05'],
    ['2026-01-05T09:00:00+01:00'],
    ['0000-01-01T00:00:00Z'],
  ])('rejects the time %s', (at) => {
    expect(() => parseEvent(message('invitations.sent.v1', { ...data, at }))).toThrow(
      'at must be an instant',
    );
  });

  it('rejects a missing field and an unknown type', () => {
    expect(() => parseEvent(message('invitations.accepted.v1', data))).toThrow(InvalidDataError);
    expect(() => parseEvent(message('invitations.ignored.v1', data))).toThrow('names no event');
  });
});

describe('parseProfile', () => {
  const profile = {
    id: 'amal',
    name: 'Amal',
    headline: '',
    profileUrl: 'https://network.example/in/amal',
    email: 'amal@network.example',
    takesInvitations: true,
  };

  it('returns the profile, or null for a message without a value', () => {
    expect(parseProfile(message('', profile))).toEqual(profile);
    expect(parseProfile({ ...message('', profile), value: null })).toBeNull();
  });

  it('strips characters that the database cannot store', () => {
    const parsed = parseProfile(
      message('', { ...profile, headline: 'a\u0000b', profileUrl: 'https://a\u0000' }),
    );
    expect(parsed).toMatchObject({ headline: 'ab', profileUrl: 'https://a' });
    expect(() => parseProfile(message('', { ...profile, locale: 'en\u0000' }))).toThrow('locale must be');
  });

  it('rejects a name that shows nothing', () => {
    expect(() => parseProfile(message('', { ...profile, name: '\u0007' }))).toThrow('name must be a text');
  });
});
