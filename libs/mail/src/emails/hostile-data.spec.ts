import { describe, expect, it } from '@jest/globals';
import { toProfileLink } from './email-template.js';
import { renderEmail, type MailData, type MailKind } from './render-email.js';

const HOSTILE =
  '<script>alert("1")</script>\r\nBcc: victim@example.com \u202egnp.exe\u2066 "&\'\u2028\u0000\ud800';

/** Neither a control character nor one that breaks a line or turns the writing direction. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const invitation = (change: Partial<MailData['invitation']> = {}): MailData['invitation'] => ({
  inviter: { name: HOSTILE, headline: HOSTILE, profileUrl: 'https://network.example/in/a?x=1&y="' },
  message: HOSTILE,
  acceptUrl: 'https://network.example/l/t',
  inboxUrl: 'https://network.example/inbox',
  preferencesUrl: 'https://network.example/preferences',
  ...change,
});

const { message: _, ...reminder } = invitation();
const ALL_HOSTILE: { readonly [Kind in MailKind]: MailData[Kind] } = {
  invitation: invitation(),
  reminder,
  acceptance: {
    connection: { ...invitation().inviter, email: '"<b>"@example.com' },
    summary: { total: 3, inCommon: 1, namesInCommon: [HOSTILE] },
    preferencesUrl: 'https://network.example/preferences',
  },
  reply: {
    replier: invitation().inviter,
    message: HOSTILE,
    preferencesUrl: 'https://network.example/preferences',
  },
};

describe('renderEmail with texts of members', () => {
  it.each(
    (Object.keys(ALL_HOSTILE) as MailKind[]).flatMap((kind) => [
      [kind, 'en'] as const,
      [kind, 'ar'] as const,
    ]),
  )('cannot break out of the %s e-mail in %s', (kind, language) => {
    const { subject, html, text } = renderEmail(kind, ALL_HOSTILE[kind], language);
    expect(subject).not.toMatch(UNSEEN);
    expect(html).not.toMatch(/<script|<b>/);
    expect(html).toContain('&lt;script');
    expect(html).toContain('href="https://network.example/in/a?x=1&amp;y=&quot;"');
    for (const part of [html, text]) {
      expect(part).not.toMatch(/[\0\r\u202e\u2066\u2028]/);
      expect(part.isWellFormed()).toBe(true);
    }
  });

  it("indents a member's message in the plain text", () => {
    const message = 'Hello\n-- \nAccept here:\nhttps://evil.example';
    for (const { text } of [
      renderEmail('invitation', invitation({ message }), 'en'),
      renderEmail('reply', { ...ALL_HOSTILE.reply, message }, 'en'),
    ]) {
      expect(text).toContain('\n  Hello\n  --\n  Accept here:\n  https://evil.example\n');
    }
  });

  it('accepts texts that are empty after cleaning', () => {
    const inviter = { name: '\u202e', headline: '\u0000', profileUrl: 'https://network.example/in/a' };
    const { subject, text, html } = renderEmail('invitation', invitation({ inviter, message: ' \n ' }), 'en');
    expect(subject).toBe('A member would like to connect');
    expect(text).not.toContain('()');
    expect(html).not.toContain('blockquote');
    const reply = renderEmail('reply', { ...ALL_HOSTILE.reply, replier: inviter, message: '\u202e' }, 'ar');
    expect(reply.subject).toBe('رد من عضو في الشبكة على دعوتك');
    expect(reply.html).not.toContain('blockquote');
  });
});

describe('toProfileLink', () => {
  const link = (url: string) => toProfileLink(url, 'alice', 'https://network.example/members/');

  it.each([
    'https://example.com/~a?b=c&d#e',
    'http://example.com',
    'https://example.com/ليلى',
    'HTTPS://EXAMPLE.com/A',
  ])('returns the profile URL %s unchanged', (url) => {
    expect(link(url)).toBe(url);
  });

  it.each([
    '',
    'javascript:alert(1)',
    ' https://example.com',
    'data:text/html,x',
    'https://',
    'https://a.example/\nhttps://b.example',
    'https://a.example/"onclick="x',
    'https://a.example/\u202etxt',
    '//example.com',
  ])('builds a link from the member id for the profile URL %j', (url) => {
    expect(link(url)).toBe('https://network.example/members/alice');
  });
});
