import type { ComponentChildren, VNode } from 'preact';
import { linesOf } from '../language/clean-text.js';
import { directionOfText } from '../language/direction.js';
import { directionOf, type Language } from '../language/language.js';
import { LOOKS, quoteLooks, startOf } from './style.js';

/** A piece of a sentence: words, or words with a <Name> in them. */
export type Part = ComponentChildren;

/**
 * What an e-mail is made of: blocks, one below the other, and names in them. Each has a rendering in HTML here and one
 * in plain text in `to-text.ts`, so that the two cannot say different things. There is no block for a picture, by
 * design: one that is fetched would tell somebody that the e-mail was opened.
 */
export const Heading = ({ children }: { children: Part }): VNode => <h1 style={LOOKS.heading}>{children}</h1>;

export const Paragraph = ({ children }: { children: Part }): VNode => (
  <p style={LOOKS.paragraph}>{children}</p>
);

interface QuoteProps {
  readonly text: string;
  /** Of the e-mail; the text may be in any. */
  readonly language: Language;
}

/** What a member wrote, line by line, each in its own direction: `white-space` does not survive every client. */
export const Quote = ({ text, language }: QuoteProps): VNode => (
  <blockquote class="quote" style={quoteLooks(language)}>
    {linesOf(text).map((line) => {
      const dir = directionOfText(line, directionOf(language));
      return (
        <div dir={dir} style={{ textAlign: startOf(dir) }}>
          {line === '' ? <br /> : line}
        </div>
      );
    })}
  </blockquote>
);

interface LinkProps {
  readonly href: string;
  readonly children: Part;
}

export const Button = ({ href, children }: LinkProps): VNode => (
  <p style={LOOKS.buttonLine}>
    <a class="button" href={href} style={LOOKS.button}>
      {children}
    </a>
  </p>
);

export const Link = ({ href, children }: LinkProps): VNode => (
  <p style={LOOKS.linkLine}>
    <a class="link" href={href} style={LOOKS.link}>
      {children}
    </a>
  </p>
);

/** Below everything: why this came, and how to have no more of it. */
export const Footer = ({ children }: { children: Part }): VNode => (
  <div class="footer" style={LOOKS.footer}>
    {children}
  </div>
);

/** A name in a sentence of another writing direction keeps its own. */
export const Name = ({ children }: { children: string }): VNode => <bdi>{children}</bdi>;

/** An e-mail address, without the invisible characters of a name: it is made to be copied. */
export const Address = ({ children }: { children: string }): VNode => <bdi>{children}</bdi>;
