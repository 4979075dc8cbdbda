import { h, type ComponentChildren, type VNode, Fragment } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { toLines } from '../language/clean-text.js';
import {
  directionOfLanguage,
  directionOfText,
  type Language,
  isolateDirection,
} from '../language/language.js';
import { quoteStyle, STYLES, textAlignFor, STYLE_SHEET } from './style.js';

/** Text of an e-mail: words, or words with a <Name> among them. */
export type Content = ComponentChildren;

/*
 * An e-mail consists of blocks, one below the other, with names in them. Each block is a component for the HTML, and has a plain-text
 * rendering at the end of this file, so that both versions say the same. No block shows an image: a server that delivers an image
 * learns when the e-mail is opened. The one exception is the operator's logo.
 */

export const Heading = ({ children }: { children: Content }): VNode => (
  <h1 style={STYLES.heading}>{children}</h1>
);

export const Paragraph = ({ children }: { children: Content }): VNode => (
  <p style={STYLES.paragraph}>{children}</p>
);

interface QuoteProps {
  readonly text: string;
  /** The language of the e-mail. The text may be in any language. */
  readonly language: Language;
}

/** A member's text, each line an element with its own direction: some clients drop `white-space` styles. */
export const Quote = ({ text, language }: QuoteProps): VNode => (
  <blockquote class="quote" style={quoteStyle(directionOfText(text, directionOfLanguage(language)))}>
    {toLines(text).map((line) => {
      const dir = directionOfText(line, directionOfLanguage(language));
      return (
        <div dir={dir} style={{ textAlign: textAlignFor(dir) }}>
          {line === '' ? <br /> : line}
        </div>
      );
    })}
  </blockquote>
);

interface LinkProps {
  readonly href: string;
  readonly children: Content;
}

/** Attributes of HTML 4, which Outlook follows and the types of Preact do not have. */
const NO_BORDER: object = { border: '0' };
const BUTTON_GROUND: object = { bgcolor: STYLES.button.background };

interface TableProps {
  readonly style?: Record<string, string>;
  readonly width?: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/**
 * A table of one row, for layout only: screen readers do not announce it. Outlook ignores the padding, the width and
 * the background of other elements.
 */
export const Table = ({ children, ...rest }: TableProps): VNode => (
  <table role="presentation" cellpadding="0" cellspacing="0" {...NO_BORDER} {...rest}>
    <tbody>
      <tr>{children}</tr>
    </tbody>
  </table>
);

/** Where a client drops all styles but not the colour of the cell, <font> keeps the link from being blue on blue. */
export const Button = ({ href, children }: LinkProps): VNode => (
  <Table style={STYLES.buttonLine}>
    <td class="button" {...BUTTON_GROUND} style={STYLES.buttonCell}>
      <a class="button" href={href} style={STYLES.button}>
        {h('font', { color: STYLES.button.color, style: { color: 'inherit' } }, children)}
      </a>
    </td>
  </Table>
);

export const Link = ({ href, children }: LinkProps): VNode => (
  <p style={STYLES.linkLine}>
    <a class="link" href={href} style={STYLES.link}>
      {children}
    </a>
  </p>
);

/** The end of an e-mail: why it was sent, and how to unsubscribe. */
export const Footer = ({ children }: { children: Content }): VNode => (
  <div class="footer" style={STYLES.footer}>
    {children}
  </div>
);

/** A name, isolated so that it keeps its own writing direction. */
export const Name = ({ children }: { children: string }): VNode => <bdi>{children}</bdi>;

/** An e-mail address. Unlike a name it gets no invisible characters in plain text, because readers copy it. */
export const Address = ({ children }: { children: string }): VNode => <bdi>{children}</bdi>;

/** Outlook knows no `max-width`. Everybody else takes these for comments. */
const FIXED_WIDTH = {
  start:
    '<!--[if mso]><table role="presentation" width="536" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->',
  end: '<!--[if mso]></td></tr></table><![endif]-->',
};

interface HtmlContent {
  readonly subject: string;
  readonly preheader: string;
  readonly body: VNode;
  /** Above the body. Without the picture, mail programs show its words. */
  readonly logo?: { readonly url: string; readonly alt: string } | undefined;
}

/**
 * Renders the HTML page of an e-mail. Preact escapes all text. The inner element repeats language and direction, for
 * clients that show only the content of <body>.
 */
export function renderHtml({ subject, preheader, body, logo }: HtmlContent, language: Language): string {
  const languageAttributes = { lang: language, dir: directionOfLanguage(language) };
  const align = textAlignFor(languageAttributes.dir);
  const card = renderToString(
    <Table width="100%" style={STYLES.cardTable}>
      <td class="card" align={align} style={{ ...STYLES.card, textAlign: align }}>
        {logo && <img src={logo.url} alt={logo.alt} height="32" style={STYLES.logo} />}
        {body}
      </td>
    </Table>,
  );
  const html = renderToString(
    <html {...languageAttributes}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{subject}</title>
        <style>{STYLE_SHEET}</style>
      </head>
      <body class="page" style={{ margin: '0', background: STYLES.page.background }}>
        <div class="preheader" {...languageAttributes} style={STYLES.preheader}>
          {preheader}
        </div>
        <div {...languageAttributes}>
          <Table class="page" width="100%" style={STYLES.pageTable}>
            <td
              class="page"
              align="center"
              style={STYLES.page}
              dangerouslySetInnerHTML={{ __html: FIXED_WIDTH.start + card + FIXED_WIDTH.end }}
            />
          </Table>
        </div>
      </body>
    </html>,
  );
  return `<!doctype html>${html}`;
}

type Props = Record<string, unknown> & { children?: ComponentChildren };
type TextRenderer = (props: Props, language: Language) => string;

const inline: TextRenderer = ({ children }, language) => toText(children, language);
const paragraph: TextRenderer = (props, language) => `${inline(props, language)}\n\n`;
const link: TextRenderer = (props, language) => `${inline(props, language)}:\n${String(props['href'])}\n\n`;
const quote: TextRenderer = ({ text }) =>
  `${toLines(String(text))
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')}\n\n`;

const TEXT_RENDERERS = new Map<unknown, TextRenderer>([
  [Heading, paragraph],
  [Paragraph, paragraph],
  [Quote, quote],
  [Button, link],
  [Link, link],
  [Footer, (props, language) => `-- \n${inline(props, language)}`],
  [Name, (props, language) => isolateDirection(inline(props, language), language)],
  [Address, inline],
  [Fragment, inline],
]);

/** Renders the blocks of an e-mail to plain text. */
export const renderText = (body: VNode, language: Language): string => `${toText(body, language).trim()}\n`;

/** @throws TypeError for an element without a plain-text rendering, whose content would be lost */
function toText(node: ComponentChildren, language: Language): string {
  if (node === null || node === undefined || typeof node === 'boolean') return '';
  if (Array.isArray(node)) return node.map((child) => toText(child, language)).join('');
  if (typeof node !== 'object') return String(node);
  const { type, props } = node as VNode<Props>;
  const render = TEXT_RENDERERS.get(type);
  if (render !== undefined) return render(props, language);
  if (typeof type !== 'function') throw new TypeError(`<${type}> has no plain-text rendering`);
  return toText((type as (props: Props) => ComponentChildren)(props), language);
}
