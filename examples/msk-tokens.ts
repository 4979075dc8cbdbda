import type { KafkaTokenProvider } from '#libs/kafka';

/** Signs a token with the pod's IAM role: `() => generateAuthToken({ region })` of aws-msk-iam-sasl-signer-js. */
type Sign = () => Promise<{ readonly token: string; readonly expiryTime: number }>;

/** A token is renewed this long before it expires. */
const RENEW_BEFORE_MS = 60_000;

/** Tokens for Amazon MSK with IAM. */
export class MskTokens implements KafkaTokenProvider {
  private current: Promise<{ readonly token: string; readonly expiryTime: number }> | undefined;

  /** @param now milliseconds since 1970 */
  constructor(
    private readonly sign: Sign,
    private readonly now: () => number,
  ) {}

  async getToken(): Promise<{ value: string }> {
    const cached = await this.current?.catch(() => undefined);
    if (cached === undefined || this.now() > cached.expiryTime - RENEW_BEFORE_MS) this.current = this.sign();
    return { value: (await this.current!).token };
  }
}
