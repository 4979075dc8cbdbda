import kafkajs, { type AuthenticationProviderArgs, type Mechanism } from 'kafkajs';
import { ConfigError, SecretFile } from '#libs/platform';
import { loadKafkajsLogins } from '../protocol/kafkajs-internals.js';

// Node does not find this among the names that the package exports.
const { KafkaJSConnectionError } = kafkajs;

export const LOGIN_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
export type LoginMechanism = (typeof LOGIN_MECHANISMS)[number];

/**
 * Where the tokens for OAUTHBEARER come from. It is asked for each login and must cache. `OAuthTokens` is one
 * implementation; one for Amazon MSK would sign a token with the pod's IAM role.
 */
export interface KafkaTokenProvider {
  /** @throws with the reason for an operator, without a secret */
  getToken(): Promise<{ readonly value: string; readonly extensions?: Readonly<Record<string, string>> }>;
}

export type KafkaLogin =
  | {
      readonly mechanism: Exclude<LoginMechanism, 'oauthbearer'>;
      readonly username: string;
      readonly passwordFile: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly tokens: KafkaTokenProvider };

/**
 * The option `sasl` of kafkajs. It reads the password, or gets a token, for each new connection and each time a connection
 * logs in again, which kafkajs does before the broker's `connections.max.reauth.ms` has passed.
 *
 * A login that fails is reported as a failed connection, which kafkajs retries: while a password is being changed, the
 * process waits for its new file instead of ending.
 */
export const createSasl = (login: KafkaLogin): Mechanism => ({
  mechanism: login.mechanism,
  authenticationProvider: (connection) => ({
    async authenticate() {
      try {
        await logIn(login, connection);
      } catch (error) {
        const broker = `${connection.host}:${connection.port}`;
        throw new KafkaJSConnectionError(describeFailure(login, error), { broker });
      }
    },
  }),
});

async function logIn(login: KafkaLogin, connection: AuthenticationProviderArgs): Promise<void> {
  const { bearerRequest, ...passwordLogins } = loadKafkajsLogins();
  if (login.mechanism === 'oauthbearer') {
    const request = await bearerRequest({}, await getToken(login.tokens));
    // kafkajs does not read the response, in which a broker says that it refuses the token.
    const response = { decode: (bytes: Buffer) => bytes, parse: assertTokenIsAccepted };
    await connection.saslAuthenticate({ request, response });
    return;
  }
  const { mechanism, username, passwordFile } = login;
  const password = new SecretFile('KAFKA_SASL_PASSWORD_FILE', passwordFile).value;
  await passwordLogins[mechanism]({ username, password })({ ...connection, logger: SILENT }).authenticate();
}

class TokenUnavailableError extends Error {}
class TokenRefusedError extends Error {}

async function getToken(tokens: KafkaTokenProvider) {
  try {
    return await tokens.getToken();
  } catch (error) {
    throw new TokenUnavailableError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const LENGTH_BYTES = 4;

/** A broker responds to a token that it refuses with JSON such as `{"status":"invalid_token"}`, and otherwise with nothing. */
function assertTokenIsAccepted(bytes: Buffer): void {
  const text = bytes.subarray(LENGTH_BYTES).toString();
  if (text === '') return;
  throw new TokenRefusedError(/"status" *: *"(\w{1,40})"/.exec(text)?.[1] ?? 'without a reason');
}

function describeFailure({ mechanism }: KafkaLogin, error: unknown): string {
  if (error instanceof ConfigError || error instanceof TokenUnavailableError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  // The broker closed the connection, or it did not respond.
  if ((error as { retriable?: unknown }).retriable === true) return `the login was cut off: ${reason}`;
  return mechanism === 'oauthbearer'
    ? `the broker refused the token of KAFKA_OAUTH_CLIENT_ID: ${reason}`
    : `the broker refused the ${mechanism} login of KAFKA_SASL_USERNAME with the password in KAFKA_SASL_PASSWORD_FILE: ${reason}`;
}

/** kafkajs would log each failure that it also throws. */
const SILENT = {
  namespace: () => SILENT,
  setLogLevel: () => undefined,
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
};
