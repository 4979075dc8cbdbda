import { SecretFile } from './setting-files.js';

export interface OAuthSettings {
  /** What the names of the variables begin with, for error messages, such as `KAFKA_OAUTH`. */
  readonly prefix: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecretFile: string;
  readonly scope?: string | undefined;
}

interface CachedToken {
  readonly value: string;
  readonly renewAtMs: number;
}

const FETCH_TIMEOUT_MS = 10_000;

/** A token is renewed this long before it expires, or after half of a short life. */
const RENEW_BEFORE_MS = 60_000;
const RENEW_AFTER = 0.5;

/** The life of a token whose response does not tell it (RFC 6749 only recommends that). */
const UNKNOWN_LIFE_S = 60;

/**
 * The access tokens of a client of an authorization server (OAuth 2.0, client credentials). One request serves all callers
 * until shortly before its token expires. The secret is read for each request, so that a renewed file needs no restart.
 */
export class OAuthTokens {
  private cached: CachedToken | undefined;
  private pending: Promise<CachedToken> | undefined;

  constructor(
    private readonly settings: OAuthSettings,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** @throws with the variable and the reason when there is no token */
  async getToken(): Promise<{ readonly value: string }> {
    if (this.cached === undefined || this.nowMs() >= this.cached.renewAtMs) {
      this.pending ??= this.fetchToken().finally(() => (this.pending = undefined));
      this.cached = await this.pending;
    }
    return { value: this.cached.value };
  }

  private async fetchToken(): Promise<CachedToken> {
    const { prefix, tokenUrl, clientId, clientSecretFile, scope } = this.settings;
    const secret = new SecretFile(`${prefix}_CLIENT_SECRET_FILE`, clientSecretFile).value;
    const credentials = [clientId, secret].map(encodeURIComponent).join(':');
    const requestedAtMs = this.nowMs();
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        accept: 'application/json',
      },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        ...(scope === undefined ? {} : { scope }),
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(`no token from ${prefix}_TOKEN_URL: ${reasonOf(error)}`, { cause: error });
    });
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok) {
      const hint =
        response.status === 400 || response.status === 401
          ? `; check ${prefix}_CLIENT_ID, ${prefix}_CLIENT_SECRET_FILE and ${prefix}_SCOPE`
          : '';
      throw new Error(`${prefix}_TOKEN_URL responded with ${response.status}${errorCodeOf(body)}${hint}`);
    }
    const { access_token: value, expires_in: seconds } = body;
    if (typeof value !== 'string' || value === '')
      throw new Error(`${prefix}_TOKEN_URL responded without a token`);
    const lifeMs = 1_000 * (Number(seconds) > 0 ? Number(seconds) : UNKNOWN_LIFE_S);
    return { value, renewAtMs: requestedAtMs + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs * RENEW_AFTER) };
  }
}

/** `fetch` reports every failure as "fetch failed", with the reason as its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no response within ${FETCH_TIMEOUT_MS / 1_000} s`;
  const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
  return message || code || error.message;
}

/** The server's code, such as `invalid_client`. Other texts of it might repeat what it received. */
function errorCodeOf({ error }: Record<string, unknown>): string {
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : '';
}
