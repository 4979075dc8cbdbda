import { describe, expect, it } from '@jest/globals';
import { classifyRecipientRejection } from './send-result.js';

describe('classifyRecipientRejection', () => {
  it.each([
    '550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown',
    '550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 …',
    '550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking\r\n550 5.1.1 https://support.example/mail/?p=NoSuchUser',
    '556 5.1.10 the domain takes no mail',
    '550 5.1.2',
    '501 5.1.3 Bad recipient address syntax',
    '551 5.1.6 has moved',
    '550 5.1.1: blocked, they say',
    '550 sorry, no mailbox here by that name. (#5.1.1)',
    '511 sorry, no mailbox here by that name (#5.1.1 - chkuser)',
    '550 nobody here [5.1.1]',
    '550-first line\n550 last line #5.1.1',
    '554-one\n554 5.1.1 two',
    '550 no such mailbox',
    '550 No such user here',
    '550 no such user',
    '550 User unknown',
    '550 unknown user',
    '550 Unknown local part bob in <bob@example.com>',
    '550 <bob@example.com>... User unknown',
    '550 <spam.rate.relay@blocked.example>: Recipient address rejected: User unknown in virtual mailbox table',
    '550 Requested action not taken: mailbox unavailable',
    '550 mailbox not found',
    '550 Mailbox does not exist',
    '550 mailbox bob is disabled',
    '550 Recipient rejected',
    '550 Invalid recipient <bob@example.com>',
    '550 Invalid Recipient',
    '550 invalid mailbox',
    '550 Address unknown',
    '550 account is no longer available',
    '550-Mailbox unknown.  Either there is no mailbox associated with this\n550-name or you do not have authori\n550 x'.replace(
      'or you do not have authori',
      '',
    ),
    "554 delivery error: dd This user doesn't have a mail.example account (bob@mail.example) [0] - mta1.mail.example",
    '550 Not a valid recipient',
    '551 user not local',
    '553 mailbox name not allowed',
    '554 bad destination mailbox address',
    '550 5.1.0 Address rejected: no such user',
    '550 5.0.0 User unknown',
  ])('returns hard-bounce for: %s', (reply) => {
    expect(classifyRecipientRejection(reply)).toBe('hard-bounce');
  });

  it.each([
    '550 rejected',
    '550 no',
    '550',
    '554 transaction failed',
    '553 sorry',
    '550 <user.unknown@example.com> rejected',
    '550 <bob@no-such-user.example> rejected',
    '550 rejected, see https://mail.example/mailbox-unavailable',
    '550 rejected by no-such-user.mail.example',
    '550 5.1.0 rejected',
    '550 5.1.4 ambiguous',
    '550 5.2.1 mailbox disabled',
    '556 no',
  ])('returns unclear for: %s', (reply) => {
    expect(classifyRecipientRejection(reply)).toBe('unclear');
  });

  it.each([
    // Policies and the sender's side.
    '550 5.7.1 blocked by policy',
    '550 5.7.1 User unknown',
    '554 5.7.1 <bob@example.com>: Relay access denied',
    '550 5.7.23 SPF validation failed',
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    '550-5.7.26 unauthenticated\n550 5.7.26 mail',
    '550 relay not permitted',
    '550 Relaying denied. Proper authentication required.',
    '550 user unknown; relaying denied',
    '550 SPF check failed',
    '550 SPF check failed: user unknown',
    '550 blocked',
    '550 <bob@example.com>: Recipient address rejected: Blocked by spam list',
    '550 Recipient address rejected: Access denied',
    '550 Recipient address rejected: Policy restrictions',
    '550 rejected as spam',
    '550 mailbox unavailable: your IP has a poor reputation',
    '550 rate limit exceeded',
    '550 user is receiving mail at a rate that prevents more, mailbox unavailable',
    '550 too many recipients',
    '550 Sender verify failed: no such user here',
    '550 sender address rejected: user unknown',
    '550 Unknown user; HELO name invalid',
    '550 Access denied - Invalid HELO name',
    '550 your account is disabled',
    '550 5.2.1 The user you try to contact gets mail at a rate that prevents more',
    // The server itself.
    '550 5.3.0 system trouble',
    '554 5.3.2 system not accepting network messages',
    '550 system error: user unknown',
    '550 LDAP lookup failed, recipient rejected',
    '550 Recipient verification server error: user unknown',
    // Protocol and login.
    '500 5.5.1 command unrecognized',
    '503 5.5.1 bad sequence',
    '550 5.5.0 mailbox unavailable',
    '500 unknown user',
    '501 bad address syntax',
    '502 no such user',
    '503 no such user',
    '535 user unknown',
    '555 no such user',
    '521 no such user',
    // Full, or for now only.
    '552 5.2.2 mailbox full',
    '550 mailbox is full',
    '550 user over quota',
    '552 quota',
    '552 no such user',
    '550 4.2.2 mailbox full',
    '550 4.1.1 user unknown',
    '550 greylisted, recipient rejected',
    '550 recipient rejected, try again later',
    '550 mailbox temporarily unavailable',
    // Others' addresses, and routes.
    '550 5.4.1 Recipient address rejected: Access denied',
    '550 5.1.8 the sender has no valid domain',
    '550 5.1.7 bad sender',
    '550 5.1.9 passed on',
    '550 2.1.5 fine',
    // What contradicts itself, or only looks like a code.
    '550-5.7.1 blocked\n550 5.1.1 user unknown',
    '550 5.1.1 user unknown (#5.7.1)',
    '550 no such user, says 5.7.1',
    '550 5.1.12 new',
  ])('returns other for: %s', (reply) => {
    expect(classifyRecipientRejection(reply)).toBe('other');
  });

  it.each([
    ['550 rejected by 5.1.1.7', 'unclear'],
    ['550 rejected by [5.1.1.7]', 'unclear'],
    ['550 rejected by mta 5.1.1', 'unclear'],
    ['550 15.1.1 rejected', 'unclear'],
    ['550 5.1.1234 rejected', 'unclear'],
    ['550 user unknown (mta 4.96.1)', 'hard-bounce'],
  ])('recognises only real status codes: %s', (reply, judged) => {
    expect(classifyRecipientRejection(reply)).toBe(judged);
  });

  it('takes linear time for any text', () => {
    const since = performance.now();
    for (const part of [
      'user ',
      'no ',
      '550-',
      '5.1.',
      'a@',
      'x.',
      'system ',
      "doesn't have a ",
      '((#',
      '\n',
    ]) {
      classifyRecipientRejection(`550 ${part.repeat(500_000 / part.length)}`);
    }
    expect(performance.now() - since).toBeLessThan(2_000);
  });
});
