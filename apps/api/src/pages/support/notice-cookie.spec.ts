import { expect, it } from '@jest/globals';
import { clearNoticeCookie, createNoticeCookie, parseNoticeCookie } from './notice-cookie.js';

const invitationId = 'ann.00000000-0000-4000-8000-000000000001';
const sent = (cookie: string) => `a=b; ${cookie.split(';')[0]}`;

it.each([
  { code: 'accepted' as const, invitationId },
  { code: 'followed-up' as const },
  { code: 'TOO_SOON' as const },
])('parses the notice cookie of %j', (notice) => {
  expect(parseNoticeCookie(sent(createNoticeCookie(notice)))).toEqual({ invitationId: undefined, ...notice });
});

it('clears the notice cookie', () => {
  expect(clearNoticeCookie()).toContain('Max-Age=0');
  expect(parseNoticeCookie(sent(clearNoticeCookie()))).toBeUndefined();
});

it.each([undefined, '', 'notice=hello', 'notice=__proto__', 'my-notice=saved', 'notice=saved<b>'])(
  'finds no notice in %j',
  (header) => {
    expect(parseNoticeCookie(header)).toBeUndefined();
  },
);
