import type { Direction } from '../language/language.js';

/**
 * The colours of the inline styles, for clients that drop <style>. Every style that sets a text colour sets the background
 * too, so that a client that inverts colours in dark mode inverts both.
 */
const COLORS = {
  background: '#f4f5f7',
  card: '#ffffff',
  text: '#1b1f24',
  muted: '#57606a',
  line: '#d5d9de',
  link: '#0a5fb4',
  button: '#0b5cad',
  onButton: '#ffffff',
} as const;

const FONT = 'system-ui, "Segoe UI", Tahoma, Arial, sans-serif';

export const STYLES = {
  /** What mail programs show after the subject. It is not shown with the e-mail. */
  preheader: {
    display: 'none',
    maxHeight: '0',
    overflow: 'hidden',
    msoHide: 'all',
  },
  pageTable: { width: '100%', borderCollapse: 'separate' },
  page: {
    margin: '0',
    padding: '24px 12px',
    background: COLORS.background,
    fontFamily: FONT,
    fontSize: '16px',
    lineHeight: '1.6',
  },
  cardTable: { width: '100%', maxWidth: '536px', margin: '0 auto', borderCollapse: 'separate' },
  card: {
    padding: '28px',
    border: `1px solid ${COLORS.line}`,
    borderRadius: '12px',
    background: COLORS.card,
    color: COLORS.text,
    // A very long word must not make the page wider than the screen.
    overflowWrap: 'anywhere',
    wordBreak: 'break-word',
  },
  logo: { display: 'block', height: '32px', maxWidth: '100%', margin: '0 0 16px' },
  heading: { fontSize: '22px', lineHeight: '1.35', margin: '0 0 16px' },
  paragraph: { margin: '0 0 16px' },
  buttonLine: { margin: '24px 0', borderCollapse: 'separate' },
  buttonCell: { borderRadius: '6px', background: COLORS.button, msoPaddingAlt: '12px 28px' },
  button: {
    display: 'inline-block',
    padding: '12px 28px',
    borderRadius: '6px',
    background: COLORS.button,
    color: COLORS.onButton,
    fontWeight: 'bold',
    textDecoration: 'none',
  },
  linkLine: { margin: '0 0 8px' },
  link: { color: COLORS.link },
  footer: {
    margin: '28px 0 0',
    padding: '16px 0 0',
    borderTop: `1px solid ${COLORS.line}`,
    color: COLORS.muted,
    fontSize: '13px',
  },
} as const;

/** Left or right instead of `start`: some mail clients do not support logical properties. */
export const textAlignFor = (direction: 'ltr' | 'rtl'): 'left' | 'right' =>
  direction === 'rtl' ? 'right' : 'left';

/** A bar beside a member's text, on the side where the lines of that text begin. */
export const quoteStyle = (direction: Direction) => {
  const bar = `3px solid ${COLORS.line}`;
  return direction === 'rtl'
    ? { margin: '0 0 16px', padding: '0 12px 0 0', borderRight: bar }
    : { margin: '0 0 16px', padding: '0 0 0 12px', borderLeft: bar };
};

/** For clients that support <style>: narrow screens and dark mode. */
export const STYLE_SHEET = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  '@media (max-width:480px){.card{padding:20px 16px!important}}',
  '@media (prefers-color-scheme:dark){',
  '.page{background:#14171a!important}',
  '.card{background:#1e2227!important;color:#e8eaed!important;border-color:#3a4149!important}',
  '.footer{color:#a3abb5!important;border-color:#3a4149!important}',
  '.quote{border-color:#57606a!important}',
  '.link{color:#7ab8f5!important}',
  '.button{background:#7ab8f5!important;color:#0d1720!important}',
  '}',
].join('');
