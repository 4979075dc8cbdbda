import type { Api, Peer } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { startScram, type ScramExchange } from './scram.js';

/** Who may log in, and how. */
export interface KafkaLogins {
  /** Passwords by user, for PLAIN and SCRAM. */
  readonly users?: Readonly<Record<string, string>>;
  /** Accepted tokens, for OAUTHBEARER. */
  readonly tokens?: readonly string[];
  /** After this time, a connection must log in again (`connections.max.reauth.ms`). By default never. */
  readonly sessionLifetimeMs?: number;
}

const BEARER = 'auth=Bearer ';

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;

/** The login of one connection. */
interface Session {
  mechanism?: (typeof MECHANISMS)[number] | undefined;
  exchange?: ScramExchange | undefined;
  /** On the clock of `performance.now()`. */
  validUntil: number;
}

const sessions = new WeakMap<Peer, Session>();
const sessionOf = (peer: Peer): Session => {
  let session = sessions.get(peer);
  if (session === undefined) sessions.set(peer, (session = { validUntil: 0 }));
  return session;
};

/** Whether the connection may send other requests than those of a login. */
export const isLoggedIn = (peer: Peer): boolean => performance.now() < sessionOf(peer).validUntil;

/** The requests of a login; they and ApiVersions need none. */
export const LOGIN_KEYS: ReadonlySet<number> = new Set([17, 18, 36]);

export const saslHandshake = (): Api => ({
  key: 17,
  versions: [0, 1],
  handle({ body, peer }, response) {
    const name = body.string();
    const mechanism = MECHANISMS.find((one) => one === name);
    sessions.set(peer, { ...sessionOf(peer), mechanism, exchange: undefined });
    response.int16(mechanism ? ErrorCode.NONE : ErrorCode.UNSUPPORTED_SASL_MECHANISM);
    response.array(MECHANISMS, (one) => response.string(one));
  },
});

export const saslAuthenticate = (logins: KafkaLogins): Api => ({
  key: 36,
  versions: [0, 1],
  handle({ version, body, peer }, response) {
    const session = sessionOf(peer);
    const { isDone, reply, error } = advance(logins, session, body.bytes().toString());
    const lifetimeMs = logins.sessionLifetimeMs ?? 0;
    if (isDone) session.validUntil = lifetimeMs > 0 ? performance.now() + lifetimeMs : Infinity;
    response.int16(error === undefined ? ErrorCode.NONE : ErrorCode.SASL_AUTHENTICATION_FAILED);
    response.string(error ?? null).bytes(Buffer.from(reply ?? ''));
    if (version >= 1) response.int64(isDone ? lifetimeMs : 0);
  },
});

interface Progress {
  readonly isDone?: true;
  readonly reply?: string;
  readonly error?: string;
}

function advance(logins: KafkaLogins, session: Session, message: string): Progress {
  const { mechanism } = session;
  const passwordOf = (user: string) => logins.users?.[user];
  const refused: Progress = {
    error: `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
  };
  if (mechanism === undefined) return { error: 'no handshake has chosen a mechanism' };
  if (mechanism === 'PLAIN') {
    const [, user = '', password] = message.split('\0');
    return password !== undefined && passwordOf(user) === password ? { isDone: true } : refused;
  }
  if (mechanism === 'OAUTHBEARER') {
    const token = message
      .split('\u0001')
      .find((part) => part.startsWith(BEARER))
      ?.slice(BEARER.length);
    // Like Apache Kafka: the reason is a response, and the client's next message ends the login.
    const isKnown = token !== undefined && logins.tokens?.includes(token) === true;
    return isKnown ? { isDone: true } : { reply: '{"status":"invalid_token"}' };
  }
  if (session.exchange !== undefined) {
    const reply = session.exchange.finish(message);
    session.exchange = undefined;
    return reply === undefined ? refused : { isDone: true, reply };
  }
  const digest = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  session.exchange = startScram(digest, passwordOf, message);
  return session.exchange === undefined ? refused : { reply: session.exchange.serverFirst };
}
