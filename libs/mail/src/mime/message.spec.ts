import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { envelopeAddress } from './envelope.js';
import { messageOf } from './message.js';
import { quotedPrintable } from './quoted-printable.js';

const HEADERS = {
  from: 'Network <invitations@network.example>',
  to: 'bob@example.com',
  messageId: '<e1.invitation@network.example>',
  unsubscribeUrl: `https://network.example/l/${'k'.repeat(300)}`,
};
const AT = new Date('2026-01-05T09:00:00Z');

/** Whatever a member may have written, and what line ends and blanks make hard. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '\r\n', ' ', '\t', '.', '=', '\n.\n', ' \n', '=3D', 'ليلى', '👩‍🚀', 'a'.repeat(80)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join('').toWellFormed());

const withLf = (text: string) => text.replaceAll('\r\n', '\n');

describe('the bytes of an e-mail', () => {
  const parsed = (email: { subject?: string; text?: string; html?: string }, headers = HEADERS) =>
    simpleParser(messageOf(headers, { subject: '', text: '', html: '', ...email }, AT));

  it('are read by others as what was meant: headers, text, HTML', async () => {
    const email = { subject: 'دعوة للتواصل من Alice', text: 'Hello\n.\nأهلا \n', html: '<p>Hello</p>' };
    const mail = await parsed(email);
    expect(mail.subject).toBe(email.subject);
    expect(mail.text).toBe(email.text);
    expect(mail.html).toBe(email.html);
    expect(mail.from?.value).toEqual([{ name: 'Network', address: 'invitations@network.example' }]);
    expect(mail.messageId).toBe(HEADERS.messageId);
    expect(mail.date).toEqual(AT);
  });

  it.each([
    ['Network <a@b.example>', 'Network', 'a@b.example'],
    ['"Net, Work" <a@b.example>', 'Net, Work', 'a@b.example'],
    ['Net "the" Work <a@b.example>', 'Net "the" Work', 'a@b.example'],
    ['شبكة <a@b.example>', 'شبكة', 'a@b.example'],
    ['a@b.example', '', 'a@b.example'],
  ])('name the sender: %s', async (from, name, address) => {
    expect((await parsed({}, { ...HEADERS, from })).from?.value).toEqual([{ name, address }]);
  });

  it.each(['ليلى@example.com', 'ليلى@xn--mgbh0fb.example'])(
    'name a recipient in any script: %s',
    async (to) => {
      const { to: read } = await parsed({}, { ...HEADERS, to });
      expect([read].flat().map((one) => one?.text)).toEqual([to.replace('xn--mgbh0fb', 'مثال')]);
    },
  );

  it('hold any subject in one header, and it comes out as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const subject = `Hi ${text}`;
        const bytes = messageOf(HEADERS, { subject, text: '', html: '' }, AT).toString();
        const [head = ''] = bytes.split('\r\n\r\n');
        const lines = head.split('\r\n');
        expect(lines.filter((line) => !/^( |[A-Z][A-Za-z-]+: )/.test(line))).toEqual([]);
        expect(lines.filter((line) => line.startsWith('Subject:'))).toHaveLength(1);
        for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThan(998);
        const { subject: read = '' } = await simpleParser(bytes);
        // oxlint-disable-next-line no-control-regex -- they become a blank
        const squeezed = (one: string) => one.replaceAll(/[\u0000-\u0020\u007f]+/g, ' ').trim();
        expect(squeezed(read)).toBe(squeezed(subject));
      }),
      { numRuns: 200 },
    );
  });

  it('hold any text, in lines that every server takes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = quotedPrintable(text).toString('latin1');
        expect(decoded(encoded)).toBe(withLf(text));
        for (const line of encoded.split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).toMatch(/^[\t\u0020-\u007e]*$/);
          expect(line).not.toMatch(/[ \t]$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  /** By the letter of RFC 2045. */
  function decoded(encoded: string): string {
    const bytes = encoded
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n');
  }
});

describe('an address in an envelope', () => {
  it.each([
    ['bob@example.com', 'bob@example.com'],
    ['bob+tag.x@example.com', 'bob+tag.x@example.com'],
    ['ليلى@example.com', 'ليلى@example.com'],
    ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
  ])('%s', (address, expected) => {
    expect(envelopeAddress(address)).toBe(expected);
  });

  it.each([
    '"a, b@evil.example"@example.com',
    'a@b.example,c@d.example',
    'a@b.example> RCPT TO:<c@d.example',
    'a@b.example\r\nDATA',
    'a b@example.com',
    'a@',
    '@example.com',
    'nobody',
  ])('is none: %j', (address) => {
    expect(envelopeAddress(address)).toBeUndefined();
  });
});
