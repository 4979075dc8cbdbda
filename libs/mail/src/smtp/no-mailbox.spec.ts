import { describe, expect, it } from '@jest/globals';
import { saysNoMailbox } from './no-mailbox.js';

describe('whether a server says that there is no such address', () => {
  it.each([
    '550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown',
    '550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 …',
    '556 5.1.10 the domain takes no mail',
    '550 5.1.2',
    '550 no such mailbox',
    '551 user not local',
    '553 mailbox name not allowed',
  ])('yes: %s', (answer) => {
    expect(saysNoMailbox(answer)).toBe(true);
  });

  it.each([
    '550 5.7.1 blocked by policy',
    '552 5.2.2 mailbox full',
    '550 5.2.1 mailbox disabled',
    '550 5.4.1 relay access denied',
    '550 5.1.8 the sender has no valid domain',
    '550 5.1.7 bad sender',
    '554 transaction failed',
    '552 quota',
    '450 4.1.1 try later',
    '451 5.1.1 contradicts itself',
    '250 ok',
    '',
  ])('no: %s', (answer) => {
    expect(saysNoMailbox(answer)).toBe(false);
  });
});
