import type { ApiUnderTest } from './api-under-test.js';

type Answer = Awaited<ReturnType<ApiUnderTest['inject']>>;

/** A member with a browser that keeps the cookies that it is sent, as far as these tests need. */
export class PageVisitor {
  readonly cookies = new Map<string, string>();
  /** What a browser says of where a form is from. */
  headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' };

  private constructor(private readonly api: ApiUnderTest) {}

  static async of(api: ApiUnderTest, memberId: string): Promise<PageVisitor> {
    const visitor = new PageVisitor(api);
    visitor.cookies.set('theme', 'dark');
    visitor.cookies.set('session', await api.token({ sub: memberId }));
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

  /** Sends a form, and goes where the answer leads. */
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

/** What a page says in its status line, without its markup. */
export const saidOn = ({ payload }: Answer): string | undefined =>
  /<p [^>]*role="status"[^>]*>(.*?)<\/p>/s.exec(payload)?.[1]?.replaceAll(/<[^>]+>/g, '');
