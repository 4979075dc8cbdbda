import type { ComponentChildren, VNode } from 'preact';
import { linesOf } from '../language/clean-text.js';

/** A piece of a sentence: words, or words with a <Name> in them. */
export type Part = ComponentChildren;

/**
 * What an e-mail is made of: blocks, one below the other, and names in them. Each has a rendering in HTML here and one
 * in plain text in `to-text.ts`, so that the two cannot say different things.
 *
 * Colours are set only where background and text are set together: the rest is the client's, light or dark.
 */
export const Heading = ({ children }: { children: Part }): VNode => (
  <h1 style={{ fontSize: '22px', lineHeight: '1.35', margin: '0 0 16px' }}>{children}</h1>
);

export const Paragraph = ({ children }: { children: Part }): VNode => (
  <p style={{ margin: '0 0 16px' }}>{children}</p>
);

/** What a member wrote, line by line: `white-space` does not survive every client, <br> does. */
export const Quote = ({ text }: { text: string }): VNode => (
  <blockquote dir="auto" style={{ margin: '0 0 16px', padding: '0 16px' }}>
    {linesOf(text).map((line, index) => [index > 0 && <br />, line])}
  </blockquote>
);

interface LinkProps {
  readonly href: string;
  readonly children: Part;
}

export const Button = ({ href, children }: LinkProps): VNode => (
  <p style={{ margin: '24px 0' }}>
    <a
      href={href}
      style={{
        display: 'inline-block',
        padding: '12px 28px',
        borderRadius: '6px',
        background: '#0b5cad',
        color: '#ffffff',
        fontWeight: 'bold',
        textDecoration: 'none',
      }}
    >
      {children}
    </a>
  </p>
);

export const Link = ({ href, children }: LinkProps): VNode => (
  <p style={{ margin: '0 0 8px' }}>
    <a href={href}>{children}</a>
  </p>
);

/** Below everything: why this came, and how to have no more of it. */
export const Footer = ({ children }: { children: Part }): VNode => (
  <div style={{ marginTop: '32px', fontSize: '13px' }}>{children}</div>
);

/** A name in a sentence of another writing direction keeps its own. */
export const Name = ({ children }: { children: string }): VNode => <bdi>{children}</bdi>;
