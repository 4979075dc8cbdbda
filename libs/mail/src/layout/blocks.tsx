import { h, type ComponentChildren, type VNode } from 'preact';
import { toLines } from '../language/clean-text.js';
import { directionOfLanguage, directionOfText, type Language } from '../language/language.js';
import { quoteStyle, STYLES, textAlignFor } from './style.js';

/** Text of an e-mail: words, or words with a <Name> among them. */
export type Content = ComponentChildren;

/*
 * An e-mail consists of blocks, one below the other, with names in them. Each block is rendered to HTML here and to plain
 * text in render.tsx, so that both versions say the same. There is no block for images: loading one tells its server that the
 * e-mail was opened. Only the page of the e-mail has a logo, if the operator sets one.
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
