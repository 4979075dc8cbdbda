import { setTimeout as sleep } from 'node:timers/promises';
import { issueToken } from '../identity/dev-issuer.js';
import type { Endpoints } from '../state/state-directory.js';

/** An e-mail as the mail server's API returns it. */
interface DemoMail {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly receivedAt: string;
}

interface DemoInvitation {
  readonly invitationId: string;
  readonly inviter?: { readonly name: string; readonly headline: string };
  readonly recipient?: { readonly name: string };
  readonly message?: string;
  readonly status?: string;
}

/** A busy service may respond with 429 or 503, or close an idle connection; the demo repeats such a request. */
const RETRY_FOR_MS = 30_000;
const RETRY_EVERY_MS = 200;

/** Reads from the running service what a visitor can see, through its public interfaces only. */
export class DemoClient {
  constructor(private readonly endpoints: Endpoints) {}

  async list(member: string, list: 'inbox' | 'archive' | 'sent'): Promise<readonly DemoInvitation[]> {
    const { status, body } = await this.getFromApi(member, `/v1/${list}`);
    if (status !== 200) throw new Error(`GET /v1/${list} as ${member} returned status ${status}`);
    return (body as { items: DemoInvitation[] }).items;
  }

  /** Whether the command already has an outcome. */
  async isDecided(member: string, commandId: string): Promise<boolean> {
    const { status } = await this.getFromApi(member, `/v1/commands/${commandId}`);
    if (status === 200 || status === 404) return status === 200;
    throw new Error(`GET /v1/commands/${commandId} as ${member} returned status ${status}`);
  }

  /** Returns the e-mails to an address, newest first. */
  async mails(to: string): Promise<readonly DemoMail[]> {
    const { status, body } = await get(`${this.endpoints.mail}/api/messages`);
    if (status !== 200) throw new Error(`the mail server returned status ${status}`);
    return (body as DemoMail[]).filter((mail) => mail.to.includes(to));
  }

  private async getFromApi(member: string, path: string) {
    return get(`${this.endpoints.api}${path}`, { authorization: `Bearer ${await issueToken(member)}` });
  }
}

/** @throws the last error when no attempt succeeded within RETRY_FOR_MS */
async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const deadline = Date.now() + RETRY_FOR_MS;
  for (;;) {
    try {
      const response = await fetch(url, { headers });
      const body: unknown = await response.json();
      const { status } = response;
      if ((status !== 429 && status !== 503) || Date.now() > deadline) return { status, body };
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`GET ${url} failed`, { cause: error });
    }
    await sleep(RETRY_EVERY_MS);
  }
}

/** Lines of an e-mail's text that are shown. */
const EXCERPT_LINES = 6;

export function formatInvitation({ inviter, recipient, message, status }: DemoInvitation): string {
  const who = inviter === undefined ? `to ${recipient?.name}` : `from ${inviter.name}, ${inviter.headline}`;
  return [who, message && `“${message}”`, status && `(${status})`].filter(Boolean).join('  ');
}

export function formatMail({ to, subject, text }: DemoMail): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const rest = lines.length > EXCERPT_LINES ? [`… ${lines.length - EXCERPT_LINES} more lines`] : [];
  return [
    `to ${to.join(', ')}: ${subject}`,
    ...[...lines.slice(0, EXCERPT_LINES), ...rest].map((line) => `   │ ${line}`),
  ].join('\n   ');
}
