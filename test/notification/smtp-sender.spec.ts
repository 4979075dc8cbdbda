import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SmtpSender, type OutgoingMail } from '../../libs/mail/src/index.js';
import { SmtpStub } from './smtp-stub.js';

/** As long as they get: with ids of 64 characters and a key of 32. */
const UNSUBSCRIBE = `https://network.example/l/${'k'.repeat(32)}.${'p'.repeat(190)}.${'m'.repeat(43)}`;

const MAIL: OutgoingMail = {
  from: 'Network <invitations@network.example>',
  to: 'bob@example.com',
  messageId: '<e1.invitation.bob@network.example>',
  unsubscribeUrl: UNSUBSCRIBE,
  email: { subject: 'ليلى', html: '<p>Hello</p>', text: 'Hello\n.\n' },
};

const go = () => Promise.resolve(true);

describe('what is known of an e-mail after an attempt to send it', () => {
  const stub = new SmtpStub();
  let sender: SmtpSender;
  beforeAll(() => stub.start());
  afterAll(() => stub.stop());
  beforeEach(() => {
    stub.reset();
    sender = new SmtpSender({ url: stub.url, connections: 1 });
  });
  afterEach(() => sender.close(true));

  const impatient = (deadlineMs: number) =>
    (sender = new SmtpSender({ url: stub.url, connections: 1, deadlineMs }));

  it('sent, with its own Message-ID, and marked as automatic (RFC 3834)', async () => {
    expect(await sender.send(MAIL, go)).toEqual({ outcome: 'sent' });
    const [mail = ''] = stub.mails;
    expect(mail).toContain('Message-ID: <e1.invitation.bob@network.example>');
    expect(mail).toContain('Auto-Submitted: auto-generated');
    expect(mail).toContain('From: Network <invitations@network.example>');
    expect(mail).not.toMatch(/X-Mailer|^References|^In-Reply-To/im);
  });

  it('with the two headers of an unsubscription by one POST, neither encoded nor folded (RFC 8058)', async () => {
    await sender.send(MAIL, go);
    const lines = stub.mails[0]!.split('\r\n');
    expect(lines).toContain(`List-Unsubscribe: <${UNSUBSCRIBE}>`);
    expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  });

  it('below the e-mail that it belongs to', async () => {
    await sender.send({ ...MAIL, thread: '<i1.invitation@network.example>' }, go);
    expect(stub.mails[0]).toContain('\r\nIn-Reply-To: <i1.invitation@network.example>\r\n');
    expect(stub.mails[0]).toContain('\r\nReferences: <i1.invitation@network.example>\r\n');
  });

  it('with nothing but what is meant in its headers, whatever the texts hold', async () => {
    const subject = 'Hi\r\nBcc: victim@example.com\r\n\r\nbody';
    await sender.send({ ...MAIL, email: { ...MAIL.email, subject } }, go);
    const [headers = ''] = stub.mails[0]!.split('\r\n\r\n');
    expect(headers).not.toMatch(/^Bcc/im);
    expect(headers).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(stub.heard.filter((command) => command === 'RCPT')).toHaveLength(1);
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
    ['rcpt', '550 no such mailbox', { outcome: 'refused', code: 550, noMailbox: true }],
    ['rcpt', '550 5.1.1 no such mailbox', { outcome: 'refused', code: 550, noMailbox: true }],
    ['rcpt', '550 5.7.1 not from you', { outcome: 'refused', code: 550 }],
    ['end', '550 5.1.1 says who has taken the address', { outcome: 'refused', code: 550 }],
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
    expect(await impatient(500).send(MAIL, go)).toMatchObject({ outcome: 'unreachable' });
    expect(stub.mails).toEqual([]);
  });

  it.each(['drop', 'silence'])('unknown: %s after the data', async (answer) => {
    stub.script.end = answer;
    // Long enough for a slow machine to have sent the data before.
    expect(await impatient(3_000).send(MAIL, go)).toMatchObject({ outcome: 'unknown' });
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
