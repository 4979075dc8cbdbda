import type { ApiHarness } from './api-harness.js';

type Answer = Awaited<ReturnType<ApiHarness['inject']>>;

/** A member with a browser that stores cookies, as far as these tests need it. */
export class PageVisitor {
  readonly cookies = new Map<string, string>();
  /** The headers with which a browser names the origin of a form. */
  headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' };

  private constructor(private readonly api: ApiHarness) {}

  static async of(api: ApiHarness, memberId: string): Promise<PageVisitor> {
    const visitor = new PageVisitor(api);
    visitor.cookies.set('theme', 'dark');
    visitor.cookies.set('__Host-session', await api.token({ sub: memberId }));
    return visitor;
  }

  async get(url: string): Promise<Answer> {
    return this.keep(await this.api.inject({ url, headers: this.sent() }));
  }

  async post(url: string, fields: Record<string, string>): Promise<Answer> {
    const payload = new URLSearchParams(fields).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { ...type, ...this.sent() };
    return this.keep(await this.api.inject({ method: 'POST', url, payload, headers }));
  }

  /** Submits a form, and follows the redirect. */
  async press(url: string, fields: Record<string, string>): Promise<Answer> {
    const answer = await this.post(url, fields);
    if (answer.statusCode !== 303) throw new Error(`${url} answered ${answer.statusCode}: ${answer.payload}`);
    return this.get(String(answer.headers.location));
  }

  private sent(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { ...this.headers, cookie };
  }

  private keep(answer: Answer): Answer {
    for (const { name, value, maxAge } of answer.cookies) {
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

/** Returns the text of a page's status line without markup. */
export const saidOn = ({ payload }: Answer): string | undefined =>
  /<p [^>]*role="status"[^>]*>(.*?)<\/p>/s.exec(payload)?.[1]?.replaceAll(/<[^>]+>/g, '');
