import { describe, expect, it } from '@jest/globals';
import { readProfile, type ProfileField } from './read-profile.js';
import { InvalidDataError } from '../validation/parse-dto.js';

const SOUND = {
  id: 'chiara',
  name: 'Chiara N.',
  headline: 'Surveyor',
  profileUrl: 'https://network.example/in/chiara',
  email: 'chiara@mobile.example',
  locale: 'it',
  takesInvitations: true,
};
const { id: _id, ...USABLE } = SOUND;

const read = (value: unknown, key: string | null = 'chiara') =>
  readProfile({
    key: key === null ? null : Buffer.from(key),
    value: value instanceof Uint8Array ? value : value === null ? null : Buffer.from(JSON.stringify(value)),
  });

describe('readProfile', () => {
  it('returns a valid profile, and null for a message without a value (D13)', () => {
    expect(read(SOUND)).toEqual({ id: 'chiara', profile: USABLE, unusableFields: [] });
    expect(read(null)).toEqual({ id: 'chiara', profile: null, unusableFields: [] });
  });

  it.each<[string, Partial<Record<ProfileField, unknown>>, object, ProfileField[]]>([
    ['no name', { name: undefined }, { name: undefined }, ['name']],
    ['a null name', { name: null }, { name: undefined }, ['name']],
    ['a name of another type', { name: { first: 'C' } }, { name: undefined }, ['name']],
    ['a name of control characters only', { name: '\u0007\u0000' }, { name: undefined }, ['name']],
    ['a name of spaces only', { name: ' \u00a0' }, { name: undefined }, ['name']],
    ['a name of no width', { name: '\u200b\u2060\u00ad' }, { name: undefined }, ['name']],
    ['an overlong name, which is cut', { name: 'é'.repeat(201) }, { name: 'é'.repeat(200) }, ['name']],
    [
      'an overlong name, cut between characters',
      { name: '😀'.repeat(201) },
      { name: '😀'.repeat(200) },
      ['name'],
    ],
    ['half a character in the name', { name: 'C\ud800' }, { name: 'C\ufffd' }, ['name']],
    ['no headline', { headline: undefined }, { headline: '' }, ['headline']],
    ['a numeric headline', { headline: 7 }, { headline: '' }, ['headline']],
    ['an overlong headline', { headline: 'x'.repeat(70_000) }, { headline: 'x'.repeat(300) }, ['headline']],
    [
      'an overlong profileUrl',
      { profileUrl: `https://${'x'.repeat(2000)}` },
      { profileUrl: '' },
      ['profileUrl'],
    ],
    ['a profileUrl in a list', { profileUrl: ['https://a.example'] }, { profileUrl: '' }, ['profileUrl']],
    [
      'half a character in the profileUrl',
      { profileUrl: 'https://a\udc00' },
      { profileUrl: '' },
      ['profileUrl'],
    ],
    [
      'an address with a dot too many',
      { email: 'chiara..n.@mobile.example' },
      { email: undefined },
      ['email'],
    ],
    ['an empty address', { email: '' }, { email: undefined }, ['email']],
    ['no address', { email: undefined }, { email: undefined }, ['email']],
    ['an overlong address', { email: `${'c'.repeat(300)}@mobile.example` }, { email: undefined }, ['email']],
    ['an address with NUL', { email: 'c\u0000@mobile.example' }, { email: undefined }, ['email']],
    ['half a character in the address', { email: 'c\ud800@mobile.example' }, { email: undefined }, ['email']],
    [
      'a domain that the DNS cannot have',
      { email: `c@${'ü'.repeat(63)}.example` },
      { email: undefined },
      ['email'],
    ],
    ['an invalid locale', { locale: 'it IT' }, { locale: undefined }, ['locale']],
    ['a locale of another type', { locale: 7 }, { locale: undefined }, ['locale']],
    ['a locale with NUL', { locale: 'it\u0000' }, { locale: undefined }, ['locale']],
    [
      'no takesInvitations, which counts as false',
      { takesInvitations: undefined },
      { takesInvitations: false },
      ['takesInvitations'],
    ],
    [
      'a takesInvitations that is not a boolean, which counts as false',
      { takesInvitations: 'true' },
      { takesInvitations: false },
      ['takesInvitations'],
    ],
    ['no id, which the key contains', { id: undefined }, {}, ['id']],
    ['an id of another type', { id: 7 }, {}, ['id']],
  ])('drops only the unusable field: %s', (_what, change, usable, unusable) => {
    expect(read({ ...SOUND, ...change })).toEqual({
      id: 'chiara',
      profile: { ...USABLE, ...usable },
      unusableFields: unusable,
    });
  });

  it.each([['ar_EG'], ['ar-EG'], ['ar_EG.UTF-8'], ['de_DE@euro'], ['']])(
    'accepts the locale %j',
    (locale) => {
      expect(read({ ...SOUND, locale })).toMatchObject({
        profile: { locale: locale || undefined },
        unusableFields: [],
      });
      expect(read({ ...SOUND, locale, name: '' })).toMatchObject({
        profile: { locale: locale || undefined },
      });
    },
  );

  it('honours takesInvitations: false, whatever other fields are invalid', () => {
    const wrong = { id: 1, name: 2, headline: 3, profileUrl: 4, email: 5, locale: 6 };
    expect(read({ ...wrong, takesInvitations: false })).toMatchObject({
      profile: { email: undefined, takesInvitations: false },
    });
  });

  it('strips control characters, including NUL', () => {
    expect(read({ ...SOUND, name: 'Chi\u0000ara', headline: 'a\u0007b', email: '' }).profile).toMatchObject({
      name: 'Chiara',
      headline: 'ab',
    });
  });

  it('drops a duplicate field, because readers differ in which of the two they use', () => {
    const json = JSON.stringify(SOUND).replace(
      '{',
      '{"email":"other@mobile.example","takesInvit\\u0061tions":false,',
    );
    expect(read(Buffer.from(json))).toMatchObject({
      profile: { name: 'Chiara N.', email: undefined, takesInvitations: false },
      unusableFields: ['email', 'takesInvitations'],
    });
  });

  it('ignores names of prototypes, deep nesting and duplicate unknown fields', () => {
    const json = JSON.stringify(SOUND).replace(
      '{',
      `{"__proto__":{"email":"x"},"constructor":1,"deep":${'['.repeat(5_000)}${']'.repeat(5_000)},"new":1,"new":2,`,
    );
    expect(read(Buffer.from(json))).toEqual({ id: 'chiara', profile: USABLE, unusableFields: [] });
    expect(read(Buffer.from(JSON.stringify({ __proto__: null, toString: 1, ...SOUND })))).toMatchObject({
      unusableFields: [],
    });
  });

  it('keeps the fields of a message with invalid UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify({ ...SOUND, name: 'J\u00f6rg' }), 'latin1');
    expect(read(bytes)).toEqual({
      id: 'chiara',
      profile: { ...USABLE, name: 'J\ufffdrg' },
      unusableFields: ['name'],
    });
  });

  it('canonicalises the address', () => {
    for (const email of ['noor@bücher.example', 'noor@xn--bcher-kva.example', 'noor@bu\u0308cher.EXAMPLE']) {
      expect(read({ ...SOUND, email }).profile?.email).toBe('noor@xn--bcher-kva.example');
    }
    expect(read({ ...SOUND, email: 'Jo\u0308rg@mobile.example' }).profile?.email).toBe(
      'J\u00f6rg@mobile.example',
    );
  });

  it.each<[string, unknown, string | null, string]>([
    ['has no key', SOUND, null, 'the key must be a member id'],
    ['has a key that is not a member id', SOUND, 'not a member', 'the key must be a member id'],
    ['removes under a key that is not a member id', null, 'not a member', 'the key must be a member id'],
    ['is about another member', { ...SOUND, id: 'amal' }, 'chiara', 'id must be the key'],
    [
      'is about another member, with a flaw',
      { ...SOUND, id: 'amal', email: '' },
      'chiara',
      'id must be the key',
    ],
    ['is empty', Buffer.alloc(0), 'chiara', 'the message is empty'],
    ['is not JSON', Buffer.from('hello'), 'chiara', 'the message is not JSON'],
    ['is a list', [SOUND], 'chiara', 'data must be a JSON object'],
    ['is null in JSON', Buffer.from('null'), 'chiara', 'data must be a JSON object'],
    ['holds no field of a profile', { id: 'chiara', data: SOUND }, 'chiara', 'the message holds no field'],
    ['is larger than the limit', Buffer.alloc(1024 * 1024 + 1, 0x20), 'chiara', 'more than 1048576'],
    ['is nested without end', Buffer.from('['.repeat(500_000)), 'chiara', 'the message is not JSON'],
  ])('rejects a message that %s', (_what, value, key, reason) => {
    expect(() => read(value, key)).toThrow(InvalidDataError);
    expect(() => read(value, key)).toThrow(reason);
  });
});
