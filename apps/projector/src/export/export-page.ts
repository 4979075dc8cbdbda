import type { MemberExport } from './member-export.js';

/** The heading of each part of the page, in their order. */
const HEADINGS: Readonly<Record<Exclude<keyof MemberExport, 'memberId' | 'exportedAt'>, string>> = {
  profile: 'Profile',
  emailProfile: 'Profile for e-mails',
  emailPreferences: 'E-mail preferences',
  restriction: 'Restriction of the account',
  sentInvitations: 'Invitations that you sent',
  inbox: 'Invitations in your inbox',
  archive: 'Invitations that you ignored',
  replies: 'Your replies',
  connections: 'Connections',
  commands: 'What you asked for, with the reason where it was refused',
  emails: 'E-mails to you',
  bouncedAddresses: 'Failures of your address',
  events: 'History of your account',
};

/** Renders an export as a self-contained HTML page: it loads no script, font or image. */
export function renderExport(exported: MemberExport): string {
  const parts = Object.entries(HEADINGS).map(([section, heading]) =>
    renderSection(heading, exported[section as keyof typeof HEADINGS] ?? []),
  );
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Data about ${escapeHtml(exported.memberId)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>What the invitation service stores about ${escapeHtml(exported.memberId)}</h1>`,
    `<p>As of ${escapeHtml(exported.exportedAt)}. All times are in UTC.</p>`,
    ...parts,
    '</main></body></html>\n',
  ].join('\n');
}

function renderSection(heading: string, rows: readonly object[]): string {
  const title = `<h2>${escapeHtml(heading)}</h2>`;
  if (rows.length === 0) return `${title}\n<p>Nothing.</p>`;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const head = columns.map((column) => `<th scope="col">${escapeHtml(toLabel(column))}</th>`).join('');
  const body = rows.map((row) => {
    const values = row as Readonly<Record<string, unknown>>;
    // A member's text may be in Arabic.
    const cells = columns.map((column) => `<td dir="auto">${escapeHtml(toText(values[column]))}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return `${title}\n<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

/** `sent_at` and `sentAt` are `sent at`. */
const toLabel = (column: string): string =>
  column.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1b;background:#fff}main{max-width:72rem;margin:auto}' +
  '.wide{overflow-x:auto}table{border-collapse:collapse}th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:start;' +
  'vertical-align:top;white-space:pre-wrap}th{background:#f2f2f2;white-space:nowrap}';
