/** What SMTP says about a mail beside its content: blind copies, for one, appear nowhere else. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

const HEADER = 'X-Dev-Server-Envelope: ';

/** The envelope as the first header line of the .eml file, which stays a mail that any program can open. */
export function toHeaderLine(envelope: Envelope): string {
  return `${HEADER}${asciiJson(envelope)}\r\n`;
}

/** Takes the envelope off a file; a file without one, put there by hand, has an empty envelope. */
export function splitFile(file: Buffer): { envelope: Envelope; content: Buffer } {
  const end = file.indexOf('\r\n');
  const line = file.subarray(0, Math.max(end, 0)).toString('latin1');
  if (!line.startsWith(HEADER)) {
    return { envelope: { from: '', to: [], receivedAt: new Date(0).toISOString() }, content: file };
  }
  return { envelope: JSON.parse(line.slice(HEADER.length)) as Envelope, content: file.subarray(end + 2) };
}

function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
