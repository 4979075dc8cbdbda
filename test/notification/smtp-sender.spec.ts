import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SmtpSender, type OutgoingMail } from '../../libs/mail/src/index.js';
import { SmtpStub } from './smtp-stub.js';

const MAIL: OutgoingMail = {
  from: 'Network <invitations@network.example>',
  to: 'bob@example.com',
  messageId: '<e1.invitation.bob@network.example>',
  email: { subject: 'ليلى', html: '<p>Hello</p>', text: 'Hello\n.\n' },
};

const go = () => Promise.resolve(true);

describe('what is known of an e-mail after an attempt to send it', () => {
  const stub = new SmtpStub();
  let sender: SmtpSender;
  beforeAll(() => stub.start());
  afterAll(() => stub.stop());
  beforeEach(() => {
    sender?.close(true);
    stub.reset();
    sender = new SmtpSender({ url: stub.url, connections: 1, deadlineMs: 300 });
  });
  afterAll(() => sender.close(true));

  it('sent, with its own Message-ID, and marked as automatic (RFC 3834)', async () => {
    expect(await sender.send(MAIL, go)).toEqual({ outcome: 'sent' });
    const [mail = ''] = stub.mails;
    expect(mail).toContain('Message-ID: <e1.invitation.bob@network.example>');
    expect(mail).toContain('Auto-Submitted: auto-generated');
    expect(mail).toContain('From: Network <invitations@network.example>');
    expect(mail).not.toMatch(/X-Mailer/i);
  });

  it('is asked for once the server wants the data, and before a byte of it goes', async () => {
    await sender.send(MAIL, () => {
      stub.heard.push('asked');
      return Promise.resolve(true);
    });
    expect(stub.heard.filter((step) => ['RCPT', 'DATA', 'asked', 'mail'].includes(step))).toEqual([
      'RCPT',
      'DATA',
      'asked',
      'mail',
    ]);
  });

  it('withheld: the server has got nothing, and the next e-mail is sent', async () => {
    expect(await sender.send(MAIL, () => Promise.resolve(false))).toEqual({ outcome: 'withheld' });
    expect(await sender.send(MAIL, () => Promise.reject(new Error('no database')))).toEqual({
      outcome: 'withheld',
    });
    expect(stub.mails).toEqual([]);
    expect(await sender.send(MAIL, go)).toEqual({ outcome: 'sent' });
    expect(stub.mails).toHaveLength(1);
  });

  it.each([
    ['rcpt', '550 no such mailbox', { outcome: 'refused', code: 550 }],
    ['rcpt', '451 greylisted', { outcome: 'later', code: 451, reason: 'EENVELOPE 451' }],
    ['data', '554 no', { outcome: 'refused', code: 554 }],
    ['end', '554 spam', { outcome: 'refused', code: 554 }],
    ['end', '452 disk full', { outcome: 'later', code: 452, reason: 'EMESSAGE 452' }],
    ['rcpt', '530 log in first', { outcome: 'later', code: 530, reason: 'EENVELOPE 530' }],
  ] as const)('%s answered with %s', async (step, answer, result) => {
    stub.script[step] = answer;
    expect(await sender.send(MAIL, go)).toEqual(result);
  });

  it.each([
    ['greeting', '421 busy'],
    ['greeting', '554 no service for you'],
    ['greeting', 'drop'],
    ['greeting', 'silence'],
    ['rcpt', 'drop'],
    ['rcpt', '421 closing'],
    ['data', 'drop'],
    ['data', 'silence'],
  ] as const)('not sent for certain: %s with %s', async (step, answer) => {
    stub.script[step] = answer;
    expect(await sender.send(MAIL, go)).toMatchObject({ outcome: 'unreachable' });
    expect(stub.mails).toEqual([]);
  });

  it.each(['drop', 'silence'])('unknown: %s after the data', async (answer) => {
    stub.script.end = answer;
    expect(await sender.send(MAIL, go)).toMatchObject({ outcome: 'unknown' });
    expect(stub.mails).toHaveLength(1);
  });

  it('not sent for certain: nobody listens', async () => {
    const nobody = new SmtpSender({ url: 'smtp://127.0.0.1:1', connections: 1 });
    expect(await nobody.send(MAIL, go)).toMatchObject({ outcome: 'unreachable' });
  });

  it('an address is one address', async () => {
    await sender.send({ ...MAIL, to: '"a, b@evil.example"@example.com' }, go);
    expect(stub.heard.filter((step) => step === 'RCPT').length).toBeLessThanOrEqual(1);
  });
});
