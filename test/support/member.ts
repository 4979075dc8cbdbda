import { issueToken } from '../../apps/standalone/src/identity/dev-issuer.js';
import type { RunningService } from './standalone.js';
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

/** A member of the API, with a token of the standalone service's issuer. */
export class MemberAtApi {
  private constructor(
    private readonly service: RunningService,
    readonly id: string,
    readonly token: string,
  ) {}

  static async of(service: RunningService, id: string): Promise<MemberAtApi> {
    return new MemberAtApi(service, id, await issueToken(id, undefined, service.dir));
  }

  request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.service.endpoints.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Requests a page with this member's session. */
  page(path: string): Promise<Response> {
    return fetch(`${this.service.endpoints.api}${path}`, {
      headers: { cookie: `session=${this.token}` },
    });
  }

  async list(list: 'inbox' | 'archive' | 'sent'): Promise<readonly Item[]> {
    const response = await this.request('GET', `/v1/${list}?limit=100`);
    if (!response.ok) throw new Error(`${list} answered ${response.status}`);
    return ((await response.json()) as { items: Item[] }).items;
  }

  /** Waits until the list contains the invitation, or does not contain it. */
  async untilListed(list: 'inbox' | 'archive' | 'sent', invitationId: string, listed = true): Promise<void> {
    await until(
      async () => (await this.list(list)).some((item) => item.invitationId === invitationId) === listed,
      60_000,
      `${invitationId} ${listed ? 'in' : 'out of'} the ${list} of ${this.id}`,
    );
  }

  /** E-mails to the member, newest first. */
  async mails(): Promise<readonly Mail[]> {
    const address = `${this.id}@network.example`;
    // Another mail server than that of development returns those of all members.
    const response = await fetch(
      `${this.service.endpoints.mail}/api/messages?to=${encodeURIComponent(address)}`,
    );
    return ((await response.json()) as Mail[]).filter(({ to }) => to.includes(address));
  }

  async untilMails(count: number): Promise<readonly Mail[]> {
    await until(async () => (await this.mails()).length >= count, 60_000, `${count} mails to ${this.id}`);
    return this.mails();
  }
}
