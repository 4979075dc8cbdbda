import { describe, expect, it } from '@jest/globals';
import {
  commandIdOf,
  InvalidData,
  parseCommand,
  parseEvent,
  parseProfile,
  SendInvitationData,
} from './index.js';

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

describe('a command message', () => {
  it('is parsed by its type; the id has one spelling', () => {
    const command = send({});
    expect(command.commandId).toBe(COMMAND_ID.toLowerCase());
    expect(command.data).toBeInstanceOf(SendInvitationData);
  });

  it.each([
    ['no UUID', { ce_id: 'x' }, 'ce_id must be a UUID'],
    ['a type that does not exist', { ce_type: 'invitations.block.v1' }, 'ce_type names no command'],
    ['a type that objects have by nature', { ce_type: 'constructor' }, 'ce_type names no command'],
  ])('is refused with %s', (_what, headers, problem) => {
    expect(() => parseCommand(message('invitations.send.v1', {}, headers))).toThrow(problem);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 'colour should not exist'],
    ['a field that every object has', { toString: 'red' }, 'toString should not exist'],
    ['a number where an id belongs', { recipientId: 42 }, 'recipientId must be a member id'],
    ['an object where an id belongs', { recipientId: { toString: 1 } }, 'recipientId must be a member id'],
    ['an id of other characters', { recipientId: 'a b' }, 'recipientId must be a member id'],
    ['an id that is too long', { recipientId: 'a'.repeat(65) }, 'recipientId must be a member id'],
    ['what is no address', { recipientEmail: 'nobody' }, 'recipientEmail must be an e-mail address'],
    [
      'a message that is too long',
      { message: 'x'.repeat(301) },
      'message must be a text of 0 to 300 characters',
    ],
    ['half a character', { message: '\ud800' }, 'half a character'],
  ])('is refused with %s', (_what, data, problem) => {
    expect(() => send(data)).toThrow(problem);
  });

  it('is refused when it is too large, no UTF-8, no JSON, no object, or sets a prototype', () => {
    const parse = (value: Uint8Array | string) =>
      parseCommand({ ...message('invitations.send.v1', {}), value: Buffer.from(value) });
    expect(() => parse(Buffer.alloc(64 * 1024 + 1, ' '))).toThrow('bytes, more than');
    expect(() => parse(Uint8Array.of(0xff, 0xfe))).toThrow('no UTF-8');
    expect(() => parse('{')).toThrow('no JSON');
    expect(() => parse('[]')).toThrow('must be a JSON object');
    expect(() => parse('null')).toThrow('must be a JSON object');
    expect(() => parse('{"__proto__":{"inviterId":"a"}}')).toThrow('__proto__');
    expect(() => parse('{"constructor":1}')).toThrow('constructor should not exist');
    expect(() => parseCommand({ ...message('invitations.send.v1', {}), value: null })).toThrow('no value');
  });

  it('D9: counts code points, and strips control characters but not the newline', () => {
    expect(send({ message: '👋'.repeat(300) }).data).toMatchObject({ message: '👋'.repeat(300) });
    expect(send({ message: 'a\u0000b\u007fc\u009fd\ne\tf' }).data).toMatchObject({ message: 'abcd\nef' });
    expect(() => reply('\u0000')).toThrow('message must be a text of 1 to 2000 characters');
    expect(reply('x'.repeat(2000)).data).toMatchObject({ message: 'x'.repeat(2000) });
  });

  it('null is absent where a field may be, and nowhere else', () => {
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
  ])('has no address %s', (_what, recipientEmail) => {
    expect(() => send({ recipientEmail })).toThrow(InvalidData);
  });

  it.each(["o'hara+x@sub.network.example", 'دعوة@مثال.شبكة', 'a@xn--mgbh0fb.xn--kgbechtv', 'A@B-c.EXAMPLE'])(
    'may have the address %s',
    (recipientEmail) => {
      expect(send({ recipientEmail }).data).toMatchObject({ recipientEmail });
    },
  );

  it("an invitation's id has one spelling, a member's its own", () => {
    const invitationId = `Amal.${COMMAND_ID.toUpperCase()}`;
    const command = parseCommand(message('invitations.ignore.v1', { invitationId, actorId: 'Bilal' }));
    expect(command.data).toEqual({ invitationId: `Amal.${COMMAND_ID.toLowerCase()}`, actorId: 'Bilal' });
  });

  it('the reason is short, and repeats no name that may be a value', () => {
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, i]));
    expect(() => send(fields)).toThrow(/^(property field\d should not exist(; |$)){10}$/);
    expect(() => send({ 'secret@network.example': 1 })).toThrow(
      expect.objectContaining({ message: 'a property should not exist' }),
    );
    expect(() => send({ [`a${'b'.repeat(60_000)}`]: 1 })).toThrow(/^a property should not exist$/);
  });

  it('says what is wrong without repeating what may be personal', () => {
    expect(() => send({ recipientEmail: 'secret@nowhere' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });

  it('has an id that a refusal can name even when nothing else can be read', () => {
    expect(commandIdOf(message('?', Uint8Array.of(0xff)))).toBe(COMMAND_ID.toLowerCase());
    expect(commandIdOf(message('?', {}, { ce_id: 'x' }))).toBeUndefined();
  });
});

describe('an event message', () => {
  const data = {
    invitationId: INVITATION_ID,
    inviterId: 'amal',
    recipientId: 'b',
    at: '2026-01-05T09:00:00.000Z',
  };

  it('may have fields that this version does not know: its writer may be newer', () => {
    const event = parseEvent(message('invitations.sent.v1', { ...data, mood: 'hopeful' }));
    expect(event.data).toEqual(data);
  });

  it.each([
    ['2026-02-31T09:00:00.000Z'],
    ['2026-01-05'],
    ['2026-01-05T09:00:00+01:00'],
    ['0000-01-01T00:00:00Z'],
  ])('has no time %s', (at) => {
    expect(() => parseEvent(message('invitations.sent.v1', { ...data, at }))).toThrow(
      'at must be an instant',
    );
  });

  it('must have those that it does know', () => {
    expect(() => parseEvent(message('invitations.accepted.v1', data))).toThrow(InvalidData);
    expect(() => parseEvent(message('invitations.ignored.v1', data))).toThrow('names no event');
  });
});

describe('a profile message', () => {
  const profile = {
    id: 'amal',
    name: 'Amal',
    headline: '',
    profileUrl: 'https://network.example/in/amal',
    email: 'amal@network.example',
    takesInvitations: true,
  };

  it('is a profile, or removes the member', () => {
    expect(parseProfile(message('', profile))).toEqual(profile);
    expect(parseProfile({ ...message('', profile), value: null })).toBeNull();
  });

  it('holds nothing that a database would choke on', () => {
    const parsed = parseProfile(
      message('', { ...profile, headline: 'a\u0000b', profileUrl: 'https://a\u0000' }),
    );
    expect(parsed).toMatchObject({ headline: 'ab', profileUrl: 'https://a' });
    expect(() => parseProfile(message('', { ...profile, locale: 'en\u0000' }))).toThrow('locale must be');
  });

  it('needs a name to show', () => {
    expect(() => parseProfile(message('', { ...profile, name: '\u0007' }))).toThrow('name must be a text');
  });
});
