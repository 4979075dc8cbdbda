import type { Standalone } from './standalone.js';
import { runMain } from './standalone.js';
import { until } from './until.js';

export interface Item {
  readonly invitationId: string;
  readonly status?: string;
  readonly [field: string]: unknown;
}

export interface Mail {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Record<string, unknown>;
}

/** A member at the API, with a token as `npm run token` prints it. */
export class MemberAtApi {
  private constructor(
    private readonly standalone: Standalone,
    readonly id: string,
    readonly token: string,
  ) {}

  static async of(standalone: Standalone, id: string): Promise<MemberAtApi> {
    const { output } = await runMain('apps/standalone/src/token.main.js', standalone.dir, [id]);
    return new MemberAtApi(standalone, id, output.trim());
  }

  request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.standalone.endpoints.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** A page as this member's browser gets it. */
  page(path: string): Promise<Response> {
    return fetch(`${this.standalone.endpoints.api}${path}`, {
      headers: { cookie: `session=${this.token}` },
    });
  }

  async list(list: 'inbox' | 'archive' | 'sent'): Promise<readonly Item[]> {
    const response = await this.request('GET', `/v1/${list}?limit=100`);
    if (!response.ok) throw new Error(`${list} answered ${response.status}`);
    return ((await response.json()) as { items: Item[] }).items;
  }

  /** Waits until the list holds the invitation, or holds it no longer. */
  async untilListed(list: 'inbox' | 'archive' | 'sent', invitationId: string, listed = true): Promise<void> {
    await until(
      async () => (await this.list(list)).some((item) => item.invitationId === invitationId) === listed,
      60_000,
      `${invitationId} ${listed ? 'in' : 'out of'} the ${list} of ${this.id}`,
    );
  }

  /** Mails to the member, newest first. */
  async mails(): Promise<readonly Mail[]> {
    const response = await fetch(`${this.standalone.endpoints.mail}/api/messages`);
    return ((await response.json()) as Mail[]).filter(({ to }) => to.includes(`${this.id}@network.example`));
  }

  async untilMails(count: number): Promise<readonly Mail[]> {
    await until(async () => (await this.mails()).length >= count, 60_000, `${count} mails to ${this.id}`);
    return this.mails();
  }
}
