import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { toEnvelopeAddress } from './header.js';
import { composeMessage, encodeQuotedPrintable } from './message.js';

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

/** Names in many scripts and of every length: characters of one to four bytes, in words, and in none. */
const anyName = fc
  .array(
    fc.oneof(
      fc.stringMatching(/^[A-Za-z]{1,90}$/),
      ...[
        '\u{5d0}-\u{5ea}',
        '\u{621}-\u{64a}',
        '\u{4e00}-\u{4fff}',
        '\u{ac00}-\u{adff}',
        '\u{400}-\u{44f}',
      ].map((range) => fc.stringMatching(new RegExp(`^[${range}]{1,40}$`, 'u'))),
      fc.constantFrom('👩‍🚀', 'é', 'ß', '🙂🙂', 'O’Neil', '"', '\\', '(', ',', '=?', '=?UTF-8?Q?x?=', '.'),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .chain((parts) => fc.constantFrom('', ' ', '-').map((between) => parts.join(between)));

const withLf = (text: string) => text.replaceAll('\r\n', '\n');

describe('composeMessage', () => {
  const parsed = (email: { subject?: string; text?: string; html?: string }, headers = HEADERS) =>
    simpleParser(composeMessage(headers, { subject: '', text: '', html: '', ...email }, AT));

  it('is parsed by another parser to the same headers, text and HTML', async () => {
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
  ])('writes the sender %s', async (from, name, address) => {
    expect((await parsed({}, { ...HEADERS, from })).from?.value).toEqual([{ name, address }]);
  });

  it.each(['ليلى@example.com', 'ليلى@xn--mgbh0fb.example'])(
    'writes a recipient in any script: %s',
    async (to) => {
      const { to: read } = await parsed({}, { ...HEADERS, to });
      expect([read].flat().map((one) => one?.text)).toEqual([to.replace('xn--mgbh0fb', 'مثال')]);
    },
  );

  it('writes any subject as one header that decodes to the same subject', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const subject = `Hi ${text}`;
        const bytes = composeMessage(HEADERS, { subject, text: '', html: '' }, AT).toString();
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

  describe('limits lines with encoded words to 76 characters (RFC 2047, 2)', () => {
    const headersOf = (bytes: Buffer) => bytes.toString().split('\r\n\r\n')[0]!.split('\r\n');
    const expectShort = (lines: readonly string[]) => {
      for (const line of lines.filter((one) => one.includes('=?'))) {
        expect(line.length).toBeLessThanOrEqual(76);
        for (const word of line.match(/=\?\S*\?=/g) ?? []) expect(word.length).toBeLessThanOrEqual(75);
      }
      for (const line of lines) expect(line.trim()).not.toBe('');
    };

    it('in a subject with any name', async () => {
      await fc.assert(
        fc.asyncProperty(anyName, async (name) => {
          const subject = `دعوة للتواصل من ${name}`.trim();
          const bytes = composeMessage(HEADERS, { subject, text: '', html: '' }, AT);
          expectShort(headersOf(bytes));
          expect((await simpleParser(bytes)).subject).toBe(subject);
        }),
        { numRuns: 300 },
      );
    });

    it('in all lines of a subject with words of any length', async () => {
      await fc.assert(
        fc.asyncProperty(anyName, async (name) => {
          const subject = `${name} would like to connect`.trim();
          const bytes = composeMessage(HEADERS, { subject, text: '', html: '' }, AT);
          const lines = headersOf(bytes);
          const at = lines.findIndex((line) => line.startsWith('Subject:'));
          const next = lines.findIndex((line, index) => index > at && !line.startsWith(' '));
          for (const line of lines.slice(at, next)) expect(line.length).toBeLessThanOrEqual(76);
          expect((await simpleParser(bytes)).subject).toBe(subject);
        }),
        { numRuns: 300 },
      );
    });

    it('in the name of the sender, which decodes to the same name', async () => {
      await fc.assert(
        fc.asyncProperty(anyName, fc.integer({ min: 1, max: 60 }), async (name, length) => {
          fc.pre(!/[<>]/.test(name) && name.trim() !== '' && !/^".*"$/.test(name.trim()));
          const address = `${'a'.repeat(length)}@network.example`;
          const bytes = composeMessage(
            { ...HEADERS, from: `${name} <${address}>` },
            { subject: '', text: '', html: '' },
            AT,
          );
          expectShort(headersOf(bytes));
          const { from } = await simpleParser(bytes);
          expect(from?.value).toEqual([{ name: name.trim(), address }]);
        }),
        { numRuns: 300 },
      );
    });
  });

  it('encodes any text in lines that every server accepts', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = encodeQuotedPrintable(text).toString('latin1');
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

describe('toEnvelopeAddress', () => {
  it.each([
    ['bob@example.com', 'bob@example.com'],
    ['bob+tag.x@example.com', 'bob+tag.x@example.com'],
    ['ليلى@example.com', 'ليلى@example.com'],
    ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
  ])('%s', (address, expected) => {
    expect(toEnvelopeAddress(address)).toBe(expected);
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
  ])('rejects %j', (address) => {
    expect(toEnvelopeAddress(address)).toBeUndefined();
  });
});
