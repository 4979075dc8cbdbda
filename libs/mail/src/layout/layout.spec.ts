import { describe, expect, it } from '@jest/globals';
import { KINDS, LANGUAGES, SAMPLES } from '../../../../test/support/tools/mail-preview/samples.js';
import { renderEmail } from '../emails/render-email.js';
import { STYLES, STYLE_SHEET } from './style.js';

const EMAILS = KINDS.flatMap((kind) => LANGUAGES.map((language) => ({ kind, language })));
const render = ({ kind, language }: (typeof EMAILS)[number]) =>
  renderEmail(kind, SAMPLES[kind][language], language);

const PREHEADER = /<div class="preheader"[^>]*>([^<]*)<\/div>/;

const bodyOf = (html: string): string =>
  /<body[^]*<\/body>/
    .exec(html)![0]
    .replace(PREHEADER, '')
    .replaceAll(/<!--[^]*?-->/g, '');

/** What is left of a page when every tag, and so every style, is gone. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<\/?bdi>/g, '')
    .replaceAll(/<\/?[a-z][^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');

const wordsOf = (text: string): string[] =>
  text
    .replaceAll(/[\u2068\u2069]/g, '')
    .split(/[\s:.,()]+/)
    .filter((word) => word !== '' && word !== '--');

it('shows the logo that is set, with the name of the network in its place, and loads no picture otherwise', () => {
  const data = {
    ...SAMPLES.reply.en,
    networkName: 'Net & "Work"',
    logoUrl: 'https://cdn.network.example/logo.png?a=1&b=2',
  };
  const { html, text } = renderEmail('reply', data, 'en');
  expect(html).toContain(
    '<img src="https://cdn.network.example/logo.png?a=1&amp;b=2" alt="Net &amp; &quot;Work&quot;"',
  );
  const without = renderEmail('reply', { ...data, logoUrl: undefined }, 'en');
  expect(text).toBe(without.text);
  expect(without.html).not.toContain('<img');
});

describe.each(EMAILS)('renderHtml of the $kind e-mail in $language', (which) => {
  const { html, text } = render(which);

  it('has the same content in the same order without its styles', () => {
    const links = [...text.matchAll(/^https?:\S+$/gm)].map(([url]) => url);
    expect([...html.matchAll(/href="([^"]+)"/g)].map(([, url]) => url)).toEqual(links);
    expect(wordsOf(textOf(bodyOf(html)))).toEqual(wordsOf(text.replaceAll(/^https?:\S+$/gm, '')));
  });

  it('uses headings and paragraphs, tables for layout only, and hides nothing but the pre-header', () => {
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html.match(/<table(?! role="presentation")/g)).toBeNull();
    expect(bodyOf(html)).not.toMatch(/display:\s*none|visibility|font-size:\s*[01]px|opacity/i);
  });

  it('has a button that can be read without styles, on the colour of its cell', () => {
    const bare = html.replaceAll(/ style="[^"]*"/g, '');
    expect(bare).toMatch(/bgcolor="#0b5cad"[^>]*><a class="button" href="[^"]+"><font color="#ffffff">/);
  });

  it('has a pre-header of at most one line', () => {
    const [, preheader] = PREHEADER.exec(html)!;
    expect(Array.from(preheader!).length).toBeLessThanOrEqual(140);
    expect(preheader).toMatch(/^\S.+$/);
  });

  it('has one button, whose cell keeps its padding in Outlook', () => {
    expect(html.match(/<a class="button"/g)).toHaveLength(1);
    expect(html).toMatch(/<td class="button"[^>]*bgcolor="#[0-9a-f]{6}"[^>]*mso-padding-alt:12px 28px/);
  });

  // What is fetched tells its server that, when and where the e-mail was opened. Unless the operator sets a logo, there is no picture at all, hence
  // no alt text either.
  it('loads no image, style sheet, font or script', () => {
    expect(html).not.toMatch(
      /<(img|picture|svg|video|audio|object|embed|iframe|link|script|base|input|form)\b/i,
    );
    expect(html).not.toMatch(/\b(src|srcset|background|poster|action|ping)=|url\(|@import|@font-face/i);
    const addresses = [...html.matchAll(/https?:\/\/[^"\s<]+/g)].length;
    expect(addresses).toBe([...html.matchAll(/<a [^>]*href="https?:/g)].length);
  });

  it('declares language and direction on the page and on its content', () => {
    const spoken = which.language === 'ar' ? 'lang="ar" dir="rtl"' : 'lang="en" dir="ltr"';
    expect(html).toContain(`<html ${spoken}>`);
    expect(bodyOf(html)).toContain(`<div ${spoken}>`);
    expect(bodyOf(html)).toContain(`text-align:${which.language === 'ar' ? 'right' : 'left'}`);
  });
});

it('draws the bar of a quotation on the side where its lines begin, in either language (D14)', () => {
  const reply = { ...SAMPLES.reply.en, message: 'شكرًا على الدعوة!' };
  expect(renderEmail('reply', reply, 'en').html).toContain('border-right:3px');
  expect(render({ kind: 'reply', language: 'en' }).html).toContain('border-left:3px');
  expect(render({ kind: 'reply', language: 'ar' }).html).toContain('border-right:3px');
});

type Rgb = readonly number[];
const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
const inverted = (colour: Rgb): Rgb => colour.map((value) => 255 - value);

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [a, b].map(luminance).toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
function luminance(colour: Rgb): number {
  const [r, g, b] = colour
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

describe('colors', () => {
  const dark = (name: string, property: string): string =>
    new RegExp(`\\.${name}\\{[^}]*?\\b(?<!-)${property}:(#\\w{6})!important`).exec(STYLE_SHEET)![1]!;
  const { card, footer, link, button } = STYLES;

  it.each([
    ['text', card.color, card.background],
    ['the footer', footer.color, card.background],
    ['a link', link.color, card.background],
    ['the button', button.color, button.background],
    ['text in the dark', dark('card', 'color'), dark('card', 'background')],
    ['the footer in the dark', dark('footer', 'color'), dark('card', 'background')],
    ['a link in the dark', dark('link', 'color'), dark('card', 'background')],
    ['the button in the dark', dark('button', 'color'), dark('button', 'background')],
  ])('have enough contrast, also inverted: %s (WCAG AA)', (_, ink, ground) => {
    expect(contrast(rgb(ink), rgb(ground))).toBeGreaterThan(4.5);
    expect(contrast(inverted(rgb(ink)), inverted(rgb(ground)))).toBeGreaterThan(4.5);
  });
});
