import { expect, it } from '@jest/globals';
import { noNoticeCookie, noticeCookie, noticeIn } from './notice-cookie.js';

const invitationId = 'ann.00000000-0000-4000-8000-000000000001';
const sent = (cookie: string) => `a=b; ${cookie.split(';')[0]}`;

it.each([
  { code: 'accepted' as const, invitationId },
  { code: 'followed-up' as const },
  { code: 'TOO_SOON' as const },
])('brings back %j', (notice) => {
  expect(noticeIn(sent(noticeCookie(notice)))).toEqual({ invitationId: undefined, ...notice });
});

it('is gone once it was said', () => {
  expect(noNoticeCookie()).toContain('Max-Age=0');
  expect(noticeIn(sent(noNoticeCookie()))).toBeUndefined();
});

it.each([undefined, '', 'notice=hello', 'notice=__proto__', 'my-notice=saved', 'notice=saved<b>'])(
  'is nothing in %j',
  (header) => {
    expect(noticeIn(header)).toBeUndefined();
  },
);
