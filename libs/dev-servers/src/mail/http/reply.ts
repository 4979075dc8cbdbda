export interface Reply {
  readonly status: number;
  readonly type: string;
  /** The Content-Security-Policy. */
  readonly policy: string;
  readonly body: string | Buffer | AsyncIterable<string>;
  /** The methods that would have worked, for status 405. */
  readonly allow?: string;
}

const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** Our own pages: their style sheet, their script and the frame with the mail, all from this server. */
const PAGE =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The HTML of a mail, which anybody may have written: it may look like anything and do nothing, not even fetch an
 * image, except open a link in a new tab when it is clicked.
 */
const MAIL =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

export function text(status: number, body: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', policy: NOTHING, body };
}

export function page(body: string): Reply {
  return { status: 200, type: 'text/html; charset=utf-8', policy: PAGE, body };
}

export function mailHtml(body: string): Reply {
  return { status: 200, type: 'text/html; charset=utf-8', policy: MAIL, body };
}

export function json(body: string | AsyncIterable<string>): Reply {
  return { status: 200, type: 'application/json; charset=utf-8', policy: NOTHING, body };
}

export function file(type: string, body: string | Buffer): Reply {
  return { status: 200, type, policy: NOTHING, body };
}

export function noContent(): Reply {
  return { ...text(204, '') };
}
