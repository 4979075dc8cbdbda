/**
 * What these say of an address is not that it does not exist: 7 and 8 are about the sender's, 9 about the server that
 * the mail was passed on to (RFC 3463 and its registry).
 */
const NOT_ITS_FAULT = new Set(['7', '8', '9']);

/** As servers without enhanced codes say it: mailbox not found, not here, name not allowed (RFC 5321, 4.2.3). */
const BARE = new Set(['550', '551', '553']);

/**
 * Whether the answer to RCPT TO says for good that there is no such address. An enhanced status code decides where there
 * is one: 5.1.x is about the address, while a full mailbox (5.2.2) or a policy (5.7.x) says nothing about it.
 */
export function saysNoMailbox(answer: string): boolean {
  const [, code = '', enhanced] = /^(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3})(?!\S))?/.exec(answer) ?? [];
  if (!code.startsWith('5')) return false;
  if (enhanced === undefined) return BARE.has(code);
  const [kind, subject, detail = ''] = enhanced.split('.');
  return kind === '5' && subject === '1' && !NOT_ITS_FAULT.has(detail);
}
