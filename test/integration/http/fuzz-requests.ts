import { randomUUID } from 'node:crypto';
import type { SeededRandom } from '../../support/seeded-random.js';

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** The credentials of a request: tokens that the api accepts. */
export interface Credentials {
  readonly tokens: readonly string[];
  readonly links: readonly string[];
}

const ID = 'ann.00000000-0000-4000-8000-00000000000a';

/** Values that often cause errors. */
const NASTY: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '%00',
  '../../etc/passwd',
  '..%2f..%2f',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '${7*7}',
  '{{7*7}}',
  'a\r\nset-cookie: x=1',
  '\u202e\u2066',
  '\ud83d\ude00'.repeat(50),
  '\ufeff',
  'é'.normalize('NFD'),
  'null',
  '-1',
  '1e309',
  '9007199254740993',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  ID,
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-8000-8000-00000000000a',
  Buffer.from('2026-01-01T00:00:00.000Z ann').toString('base64url'),
  Buffer.from('275760-09-13T00:00:00.001Z ann').toString('base64url'),
];

const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS'];

/** Every route of the api. A negative test fails if one is missing here. */
export const FUZZED_PATHS: readonly string[] = [
  '/v1/invitations',
  ...['accept', 'reply', 'ignore', 'restore', 'decline', 'withdraw'].map(
    (action) => `/v1/invitations/:id/${action}`,
  ),
  ...['inbox', 'archive', 'sent', 'connections', 'email-preferences'].map((list) => `/v1/${list}`),
  '/v1/commands/:id',
  '/v1/accounts/:id/restriction',
  '/v1/accounts/:id/lift-restriction',
  '/l/:link',
  '/inbox',
  '/archive',
  '/',
  '/sent',
  '/inbox/news',
  '/connections',
  '/preferences',
  '/sign-out',
  ...['accept', 'reply', 'ignore', 'restore', 'decline'].flatMap((act) => [
    `/inbox/:id/${act}`,
    `/archive/:id/${act}`,
  ]),
  ...['withdraw', 'follow-up'].map((act) => `/sent/:id/${act}`),
  '/members/:id',
  '/invite/:id',
  '/docs',
  '/docs/',
  '/docs-json',
  '/docs/:id',
  '/pages/:id',
  '/healthz',
  '/readyz',
  '/metrics',
  '/:id/:id',
];

const FIELDS = [
  'recipientId',
  'recipientEmail',
  'message',
  'reason',
  'commandId',
  'cursor',
  'email',
  'press',
  'all',
  'invitations',
  'reminders',
  'acceptances',
  'replies',
  'inviterId',
  '__proto__',
  'toString',
];

const TYPES = [
  'application/json',
  'application/json',
  'application/json; charset=utf-8',
  'application/JSON;',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  '',
  ';',
  'a/b/c',
];

const SOUND: readonly (readonly [string, string, Record<string, string>])[] = [
  ['GET', '/v1/inbox?limit=5', {}],
  ['GET', '/inbox', {}],
  ['POST', '/v1/invitations', { recipientId: 'bob', message: '<b>Hello</b>\r\nset-cookie: x=1' }],
  ['POST', '/v1/invitations', { recipientId: 'bob', recipientEmail: 'bob@network.example' }],
  ['POST', `/v1/invitations/${ID}/accept`, {}],
  ['POST', `/v1/invitations/${ID}/reply`, { message: '"><script>alert(1)</script>' }],
  ['POST', '/v1/accounts/ann/lift-restriction', { reason: 'A mistake' }],
  ['POST', `/inbox/${ID}/ignore`, {}],
  ['POST', `/archive/${ID}/reply`, { message: '<script>' }],
  ['POST', `/sent/${ID}/follow-up`, { message: '<script>', email: 'ann@network.example' }],
  ['POST', '/invite/bob', { message: '<script>', email: 'bob@network.example' }],
  ['POST', '/preferences', { all: 'on' }],
];

/** Generates random requests that are nearly valid. */
export class FuzzRequests {
  constructor(
    private readonly random: SeededRandom,
    private readonly credentials: Credentials,
  ) {}

  next(): FuzzRequest {
    if (this.often(0.3)) return this.sound();
    const path = this.path();
    const method = this.one(METHODS);
    const headers: Record<string, string> = { host: 'invitations.example' };
    this.identify(headers);
    this.decorate(headers);
    const body = /GET|HEAD/.test(method) && this.often(0.95) ? undefined : this.body(headers);
    return { method, path, headers, body };
  }

  /** Returns a valid request, so that the code after the checks is tested, too. */
  private sound(): FuzzRequest {
    const [method, path, fields] = this.one(SOUND);
    const page = !path.startsWith('/v1/');
    const values = { ...fields, ...(page ? { commandId: randomUUID() } : {}) };
    const token = this.one(this.credentials.tokens);
    const headers: Record<string, string> = {
      host: 'invitations.example',
      ...(page
        ? { cookie: `__Host-session=${token}`, 'sec-fetch-site': 'same-origin' }
        : { authorization: `Bearer ${token}` }),
      'content-type': page ? 'application/x-www-form-urlencoded' : 'application/json',
    };
    const text = page ? new URLSearchParams(values).toString() : JSON.stringify(values);
    return { method, path, headers, body: method === 'GET' ? undefined : Buffer.from(text) };
  }

  /** Returns the request as bytes, of which some are changed, missing or repeated. */
  broken({ method, path, headers, body }: FuzzRequest): Buffer {
    const lines = Object.entries({ ...headers, 'content-length': String(body?.length ?? 0) });
    const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
    let bytes = Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]);
    for (let changes = this.below(8); changes >= 0; changes -= 1) {
      const at = this.below(bytes.length);
      const to = at + this.below(20);
      const kind = this.below(4);
      if (kind === 0) bytes[at] = this.below(256);
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
      else bytes = bytes.subarray(0, Math.max(1, at));
    }
    return bytes;
  }

  private path(): string {
    const path = this.one(FUZZED_PATHS).replaceAll(/:(\w+)/g, (_, name: string) => {
      if (name === 'link' && this.often(0.7)) return this.one(this.credentials.links);
      return this.often(0.5) ? ID : encodeURIComponent(this.value());
    });
    if (this.often(0.6)) return path;
    const names = ['limit', 'cursor', 'lang', 'return', this.value()];
    const query = Array.from({ length: 1 + this.below(3) }, () => [this.one(names), this.value()]);
    return `${path}?${query.map((pair) => pair.map((one) => encodeURIComponent(one)).join('=')).join('&')}`;
  }

  private identify(headers: Record<string, string>): void {
    const token = this.often(0.9) ? this.one(this.credentials.tokens) : this.value();
    const kind = this.below(10);
    if (kind < 6) headers['authorization'] = headerSafe(`Bearer ${token}`);
    if (kind > 4)
      headers['cookie'] = headerSafe(
        `__Host-session=${token}; notice=${this.value()}; language=${this.value()}`,
      );
    if (this.often(0.8)) headers['sec-fetch-site'] = 'same-origin';
  }

  private decorate(headers: Record<string, string>): void {
    const names = [
      'x-request-id',
      'if-none-match',
      'origin',
      'accept',
      'accept-language',
      'x-forwarded-for',
      'expect',
      'range',
    ];
    if (this.often(0.5))
      headers['idempotency-key'] = this.often(0.7) ? randomUUID() : headerSafe(this.value());
    while (this.often(0.3)) {
      const name = this.one(names);
      // Node would wait for 100-continue; this client does not.
      if (name !== 'expect' || this.often(0.1)) headers[name] = headerSafe(this.value());
    }
  }

  private body(headers: Record<string, string>): Buffer {
    const type = this.one(TYPES);
    if (type !== '') headers['content-type'] = type;
    const kind = this.below(20);
    if (kind === 0) return Buffer.from(Array.from({ length: this.below(500) }, () => this.below(256)));
    if (kind === 1) return Buffer.alloc(this.below(70_000), '[');
    const fields = Array.from({ length: this.below(5) }, () => [this.one(FIELDS), this.json(2)] as const);
    if (type.includes('form'))
      return Buffer.from(
        new URLSearchParams(
          fields.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
        ).toString(),
      );
    const text = JSON.stringify(Object.fromEntries(this.often(0.5) ? this.good() : fields));
    return Buffer.from(this.often(0.9) ? text : text.slice(0, this.below(text.length)));
  }

  /** Returns a body for some route, sometimes with one wrong value. */
  private good(): [string, unknown][] {
    const bodies: [string, unknown][][] = [
      [
        ['recipientId', 'bob'],
        ['message', 'Hello'],
        ['recipientEmail', 'bob@network.example'],
      ],
      [['message', 'Hello']],
      [['reason', 'A mistake']],
      ['all', 'invitations', 'reminders', 'acceptances', 'replies'].map((name) => [name, true]),
      [],
    ];
    const body = this.one(bodies);
    return this.often(0.6)
      ? body
      : body.map(([name, value]) => [name, this.often(0.5) ? value : this.json(3)]);
  }

  private json(depth: number): unknown {
    const kind = this.below(depth > 0 ? 8 : 6);
    if (kind < 3) return this.value();
    if (kind === 3) return this.one([0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER]);
    if (kind === 4) return this.one([true, false, null]);
    if (kind === 5) return 'x'.repeat(this.below(3_000));
    if (kind === 6) return Array.from({ length: this.below(4) }, () => this.json(depth - 1));
    return { [this.one(FIELDS)]: this.json(depth - 1) };
  }

  private value(): string {
    const value = this.one(NASTY);
    return this.often(0.8) ? value : value + this.one(NASTY);
  }

  private one<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  private below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  private often(share: number): boolean {
    return this.random.next() < share;
  }
}

/** Values that a client library accepts. `broken` tries the others. */
const headerSafe = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4_000);
