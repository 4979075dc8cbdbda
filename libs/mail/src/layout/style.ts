import type { Language } from '../language/language.js';

/**
 * The looks of an e-mail, inline: what a client that drops <style> shows. Wherever a colour of text is set, the ground
 * below it is set too, so that a client that turns all colours over for the dark turns both.
 */
const LIGHT = {
  ground: '#f4f5f7',
  card: '#ffffff',
  ink: '#1b1f24',
  soft: '#57606a',
  line: '#d5d9de',
  link: '#0a5fb4',
  button: '#0b5cad',
  onButton: '#ffffff',
} as const;

const FONT = 'system-ui, "Segoe UI", Tahoma, Arial, sans-serif';

export const LOOKS = {
  page: {
    margin: '0',
    padding: '24px 12px',
    background: LIGHT.ground,
    fontFamily: FONT,
    fontSize: '16px',
    lineHeight: '1.6',
  },
  card: {
    maxWidth: '536px',
    margin: '0 auto',
    padding: '28px',
    border: `1px solid ${LIGHT.line}`,
    borderRadius: '12px',
    background: LIGHT.card,
    color: LIGHT.ink,
    // A word without end must not widen the page beyond the screen.
    overflowWrap: 'anywhere',
    wordBreak: 'break-word',
  },
  heading: { fontSize: '22px', lineHeight: '1.35', margin: '0 0 16px' },
  paragraph: { margin: '0 0 16px' },
  buttonLine: { margin: '24px 0' },
  button: {
    display: 'inline-block',
    padding: '12px 28px',
    borderRadius: '6px',
    background: LIGHT.button,
    color: LIGHT.onButton,
    fontWeight: 'bold',
    textDecoration: 'none',
  },
  linkLine: { margin: '0 0 8px' },
  link: { color: LIGHT.link },
  footer: {
    margin: '28px 0 0',
    padding: '16px 0 0',
    borderTop: `1px solid ${LIGHT.line}`,
    color: LIGHT.soft,
    fontSize: '13px',
  },
} as const;

/** Left or right, not start: not every mail program knows the logical properties. */
export const startOf = (direction: 'ltr' | 'rtl'): 'left' | 'right' =>
  direction === 'rtl' ? 'right' : 'left';

/** A bar beside what a member wrote, on the side where the e-mail's lines begin. */
export const quoteLooks = (language: Language) => {
  const bar = `3px solid ${LIGHT.line}`;
  return language === 'ar'
    ? { margin: '0 0 16px', padding: '0 12px 0 0', borderRight: bar }
    : { margin: '0 0 16px', padding: '0 0 0 12px', borderLeft: bar };
};

/** For clients that keep <style>. */
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
