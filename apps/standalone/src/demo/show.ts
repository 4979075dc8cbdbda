import type { DemoItem, DemoMail } from './service.js';

/** Lines of an e-mail's text that are shown. */
const EXCERPT = 6;

export function showItem({ inviter, recipient, message, status }: DemoItem): string {
  const who = inviter === undefined ? `to ${recipient?.name}` : `from ${inviter.name}, ${inviter.headline}`;
  return [who, message && `“${message}”`, status && `(${status})`].filter(Boolean).join('  ');
}

export function showMail({ to, subject, text }: DemoMail): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const rest = lines.length > EXCERPT ? [`… ${lines.length - EXCERPT} more lines`] : [];
  return [
    `to ${to.join(', ')}: ${subject}`,
    ...[...lines.slice(0, EXCERPT), ...rest].map((line) => `   │ ${line}`),
  ].join('\n   ');
}
