import type { Endpoints } from '../endpoints.js';
import { issueToken } from '../identity/dev-issuer.js';

/** An e-mail as the mail server's API tells of it. */
export interface DemoMail {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly receivedAt: string;
}

export interface DemoItem {
  readonly invitationId: string;
  readonly inviter?: { readonly name: string; readonly headline: string };
  readonly recipient?: { readonly name: string };
  readonly message?: string;
  readonly status?: string;
}

/** What a visitor sees of the running service, over its public interfaces only. */
export class Service {
  constructor(private readonly endpoints: Endpoints) {}

  async list(member: string, list: 'inbox' | 'archive' | 'sent'): Promise<readonly DemoItem[]> {
    const answer = await this.get(member, `/v1/${list}`);
    if (!answer.ok) throw new Error(`GET /v1/${list} as ${member} answered ${answer.status}`);
    return ((await answer.json()) as { items: DemoItem[] }).items;
  }

  /** Whether the command has had an outcome before. */
  async isDecided(member: string, commandId: string): Promise<boolean> {
    return (await this.get(member, `/v1/commands/${commandId}`)).ok;
  }

  /** Newest first. */
  async mails(to: string): Promise<readonly DemoMail[]> {
    const answer = await fetch(`${this.endpoints.mail}/api/messages`);
    return ((await answer.json()) as DemoMail[]).filter((mail) => mail.to.includes(to));
  }

  private async get(member: string, path: string): Promise<Response> {
    return fetch(`${this.endpoints.api}${path}`, {
      headers: { authorization: `Bearer ${await issueToken(member)}` },
    });
  }
}
