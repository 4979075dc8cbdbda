/** What the operating system says of a peer that is not there. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** PostgreSQL's classes of errors for lost connections, scarce resources, and a server that stops, starts or gives up on a statement. */
const SQLSTATE = /^(?:08|53)...$|^57P..$|^57014$/;

/** The client's own words, where it has no code for it. */
const CLIENT = /^(?:timeout exceeded when trying to connect|Connection terminated|Query read timeout)/;

/** Whether an error of the database means that it is out of reach, and not that we asked it wrongly. */
export function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return (
    (typeof code === 'string' && (NETWORK.has(code) || SQLSTATE.test(code))) ||
    (typeof message === 'string' && CLIENT.test(message))
  );
}
