import type { Logger } from './logger.js';

/** A server that an app needs, and how to check that it is usable. */
export interface ServerCheck {
  /** For an operator: the server and the variable with its address, such as `PostgreSQL at DATABASE_URL`. */
  readonly server: string;
  readonly address: string;
  /** Connects and makes the smallest request that needs the credentials. */
  probe(address: string): Promise<unknown>;
}

/** A server is not usable. The message names the server and the reason, and contains no password. */
export class ServerUnusableError extends Error {
  /** @param isTimeout the server has not responded in time; it may be slow, or still be starting */
  constructor(
    { server, address }: ServerCheck,
    reason: string,
    readonly isTimeout: boolean,
  ) {
    super(`${server} (${redactPassword(address)}) cannot be used: ${redactSecrets(reason, address)}`);
  }
}

const RESPONSE_TIMEOUT_MS = 3_000;

/**
 * Returns when the server is usable.
 * @throws ServerUnusableError
 */
export async function checkServer(check: ServerCheck, timeoutMs = RESPONSE_TIMEOUT_MS): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    timeout.reject(new ServerUnusableError(check, `no answer within ${timeoutMs / 1000} s`, true));
  }, timeoutMs);
  try {
    await Promise.race([check.probe(check.address), timeout.promise]);
  } catch (error) {
    throw error instanceof ServerUnusableError
      ? error
      : new ServerUnusableError(check, describeError(error), false);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Logs each server that is not usable, once and within seconds after the start. The app itself may wait for the server
 * without a log line, and its client may log neither the server nor the reason.
 */
export async function logUnusableServers(
  checks: readonly ServerCheck[],
  logger: Logger,
  timeoutMs?: number,
): Promise<void> {
  await Promise.all(
    checks.map(async (check) => {
      try {
        await checkServer(check, timeoutMs);
      } catch (error) {
        const message = `${(error as Error).message}; check its address, its credentials, and that it is running`;
        if ((error as ServerUnusableError).isTimeout) logger.warn(message);
        else logger.error(message);
      }
    }),
  );
}

/** The address without passwords, for logs. */
export function redactPassword(address: string): string {
  return address
    .replace(/^([a-z+]+:\/\/[^:@/]*):.*@/i, '$1@')
    .replace(/([?&](?:\w*password|\w*secret|\w*token)=)[^&]*/gi, '$1…');
}

/** Removes the password from a message: a server may quote what it received. */
function redactSecrets(reason: string, address: string): string {
  const [, password] = /^[a-z+]+:\/\/[^:@/]*:(.*)@/i.exec(address) ?? [];
  if (!password) return reason;
  const spellings = [password, tryDecode(password)].filter((one) => one.length > 0);
  return spellings.reduce((text, one) => text.replaceAll(one, '…'), reason);
}

function tryDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The message of an error. If no address of a host name is reachable, Node throws an AggregateError without a message. */
function describeError(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(describeError))].join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message || error.name;
}
