import { Fragment, type ComponentChildren, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { toLines } from '../language/clean-text.js';
import { directionOfLanguage, isolateDirection, type Language } from '../language/language.js';
import { Address, Button, Footer, Heading, Link, Name, Paragraph, Quote, Table } from './blocks.js';
import { STYLES, STYLE_SHEET, textAlignFor } from './style.js';

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
