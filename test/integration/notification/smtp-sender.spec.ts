import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SmtpSender, type OutgoingMail } from '#libs/mail';
import { SmtpStub } from './smtp-stub.js';

/** The longest possible URL, with ids of 64 characters and a key of 32. */
const UNSUBSCRIBE = `https://network.example/l/${'k'.repeat(32)}.${'p'.repeat(190)}.${'m'.repeat(43)}`;

const MAIL: OutgoingMail = {
  from: 'Network <invitations@network.example>',
  to: 'bob@example.com',
  messageId: '<e1.invitation.bob@network.example>',
  unsubscribeUrl: UNSUBSCRIBE,
  email: { subject: 'ليلى', html: '<p>Hello</p>', text: 'Hello\n.\n' },
};

const go = () => Promise.resolve(true);

describe('SmtpSender', () => {
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

  it('sends an e-mail with the given Message-ID, marked as automatic (RFC 3834)', async () => {
    expect(await sender.send(MAIL, go)).toEqual({ outcome: 'sent' });
    const [mail = ''] = stub.mails;
    expect(mail).toContain('Message-ID: <e1.invitation.bob@network.example>');
    expect(mail).toContain('Auto-Submitted: auto-generated');
    expect(mail).toContain('From: Network <invitations@network.example>');
    expect(mail).not.toMatch(/X-Mailer|^References|^In-Reply-To/im);
  });

  it('sends the two headers to unsubscribe by one POST, neither encoded nor folded (RFC 8058)', async () => {
    await sender.send(MAIL, go);
    const lines = stub.mails[0]!.split('\r\n');
    expect(lines).toContain(`List-Unsubscribe: <${UNSUBSCRIBE}>`);
    expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  });

  it('refers to the first e-mail of the thread', async () => {
    await sender.send({ ...MAIL, thread: '<i1.invitation@network.example>' }, go);
    expect(stub.mails[0]).toContain('\r\nIn-Reply-To: <i1.invitation@network.example>\r\n');
    expect(stub.mails[0]).toContain('\r\nReferences: <i1.invitation@network.example>\r\n');
  });

  it('keeps line breaks in a subject from adding headers', async () => {
    const subject = 'Hi\r\nBcc: victim@example.com\r\n\r\nbody';
    await sender.send({ ...MAIL, email: { ...MAIL.email, subject } }, go);
    const [headers = ''] = stub.mails[0]!.split('\r\n\r\n');
    expect(headers).not.toMatch(/^Bcc/im);
    expect(headers).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(stub.commands.filter((command) => command === 'RCPT')).toHaveLength(1);
  });

  it('calls back when the server asks for the data, and before it sends any', async () => {
    await sender.send(MAIL, () => {
      stub.commands.push('asked');
      return Promise.resolve(true);
    });
    expect(stub.commands.filter((step) => ['RCPT', 'DATA', 'asked', 'mail'].includes(step))).toEqual([
      'RCPT',
      'DATA',
      'asked',
      'mail',
    ]);
  });

  it('sends no data where the callback withholds the e-mail, and sends the next e-mail', async () => {
    expect(await sender.send(MAIL, () => Promise.resolve(false))).toEqual({ outcome: 'withheld' });
    expect(await sender.send(MAIL, () => Promise.reject(new Error('no database')))).toEqual({
      outcome: 'withheld',
    });
    expect(stub.mails).toEqual([]);
    expect(await sender.send(MAIL, go)).toEqual({ outcome: 'sent' });
    expect(stub.mails).toHaveLength(1);
  });

  const refused = (code: number, more: object = {}) => ({ outcome: 'refused', code, ...more });
  const later = (code: number, error = 'EENVELOPE') => ({
    outcome: 'later',
    code,
    reason: `${error} ${code}`,
  });

  it.each([
    // RCPT TO: the reply says whether it is about the address.
    ['rcpt', '550 no such mailbox', refused(550, { isHardBounce: true })],
    ['rcpt', '550 5.1.1 no such mailbox', refused(550, { isHardBounce: true })],
    ['rcpt', '550-5.1.1 no such\r\n550 5.1.1 mailbox', refused(550, { isHardBounce: true })],
    ['rcpt', '550-no such\r\n550 mailbox (#5.1.1)', refused(550, { isHardBounce: true })],
    ['rcpt', '550 rejected', refused(550, { mayBeHardBounce: true })],
    ['rcpt', '550 5.7.1 not from you', refused(550)],
    ['rcpt', '550-5.1.1 no such\r\n550 5.7.1 policy', refused(550)],
    ['rcpt', '550 relay not permitted', refused(550)],
    ['rcpt', '550 SPF check failed', refused(550)],
    ['rcpt', '451 greylisted', later(451)],
    ['rcpt', '450 5.1.1 contradicts itself', later(450)],
    ['rcpt', '550 4.7.1 contradicts itself', later(550)],
    ['rcpt', '530 log in first', later(530)],
    ['rcpt', '535 5.7.8 user unknown', later(535)],
    // DATA and the text: the address was accepted before.
    ['data', '554 no', refused(554)],
    ['data', '550 5.1.1 no such mailbox', refused(550)],
    ['data', '451 later', later(451)],
    ['end', '554 spam', refused(554)],
    ['end', '550 5.1.1 says who has taken the address', refused(550)],
    ['end', '550 no such mailbox', refused(550)],
    ['end', '554 4.3.2 later', later(554, 'EMESSAGE')],
    ['end', '452 disk full', later(452, 'EMESSAGE')],
    // MAIL FROM, where the reply is about this e-mail.
    ['mail', '552 5.3.4 too large', refused(552)],
    ['mail', '451 4.3.0 later', later(451)],
  ] as const)('classifies the reply to %s: %s', async (step, answer, result) => {
    stub.script[step] = answer;
    expect(await sender.send(MAIL, go)).toEqual(result);
    // The next e-mail is not affected.
    stub.reset();
    expect(await sender.send(MAIL, go)).toEqual({ outcome: 'sent' });
  });

  it.each([
    ['greeting', '421 busy'],
    ['greeting', '554 no service for you'],
    ['greeting', '550 5.1.1 no such mailbox'],
    ['greeting', 'drop'],
    ['greeting', 'silence'],
    ['greeting', 'no SMTP at all'],
    ['ehlo', '421 busy'],
    ['ehlo', 'drop'],
    ['ehlo', 'silence'],
    ['mail', '550 5.1.1 no such mailbox'],
    ['mail', '550 5.7.1 sender rejected'],
    ['mail', '553 5.1.8 sender has no domain'],
    ['mail', '550 relay not permitted'],
    ['mail', 'drop'],
    ['mail', 'silence'],
    ['mail', '421 closing'],
    ['mail', 'gibberish'],
    ['rcpt', 'drop'],
    ['rcpt', 'silence'],
    ['rcpt', '421 closing'],
    ['rcpt', '421 5.1.1 no such mailbox'],
    ['rcpt', 'gibberish 5.1.1'],
    ['rcpt', '999 5.1.1 no such mailbox'],
    ['rcpt', '354 go ahead'],
    ['rcpt', '550-5.1.1 never ends'],
    ['data', 'drop'],
    ['data', 'silence'],
    ['data', 'gibberish'],
  ] as const)(
    'reports the server as unreachable, and nothing about the address: %s with %s',
    async (step, answer) => {
      stub.script[step] = answer;
      const result = await impatient(500).send(MAIL, go);
      expect(result).toEqual({ outcome: 'unreachable', reason: expect.any(String) });
      expect(stub.mails).toEqual([]);
    },
  );

  it('reports the server as unreachable where it accepts neither EHLO nor HELO', async () => {
    stub.reset({ ehlo: '550 5.1.1 no such mailbox', helo: '550 5.1.1 no such mailbox' });
    expect(await sender.send(MAIL, go)).toMatchObject({ outcome: 'unreachable' });
  });

  it.each(['535 5.7.8 no', '550 5.1.1 no such mailbox', '454 4.7.0 later', 'drop', 'gibberish'])(
    'reports the server as unreachable where AUTH fails: %s',
    async (answer) => {
      stub.reset({ ehlo: '250-stub\r\n250 AUTH PLAIN', auth: answer });
      const url = stub.url.replace('//', '//user:secret@');
      const login = new SmtpSender({ url, connections: 1, deadlineMs: 500 });
      try {
        expect(await login.send(MAIL, go)).toEqual({ outcome: 'unreachable', reason: expect.any(String) });
      } finally {
        login.close(true);
      }
      expect(stub.commands).not.toContain('RCPT');
    },
  );

  it.each(['gibberish', '999 no', '250-never ends', '250'.repeat(400_000)])(
    'reports an unknown outcome where the reply to the text is not valid: %.20s',
    async (answer) => {
      stub.script.end = answer;
      expect(await impatient(3_000).send(MAIL, go)).toMatchObject({ outcome: 'unknown' });
    },
  );

  it.each(['drop', 'silence'])(
    'reports an unknown outcome where the connection fails after the data: %s',
    async (answer) => {
      stub.script.end = answer;
      // Long enough to send the data on a slow machine.
      expect(await impatient(3_000).send(MAIL, go)).toMatchObject({ outcome: 'unknown' });
      expect(stub.mails).toHaveLength(1);
    },
  );

  it('reports the server as unreachable where nothing listens', async () => {
    const nobody = new SmtpSender({ url: 'smtp://127.0.0.1:1', connections: 1 });
    expect(await nobody.send(MAIL, go)).toMatchObject({ outcome: 'unreachable' });
  });

  it('sends to one recipient at most, whatever the address holds', async () => {
    await sender.send({ ...MAIL, to: '"a, b@evil.example"@example.com' }, go);
    expect(stub.commands.filter((step) => step === 'RCPT').length).toBeLessThanOrEqual(1);
  });
});
