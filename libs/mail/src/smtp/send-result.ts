/**
 * What is known about an e-mail after an attempt to send it. SMTP cannot say more (RFC 1047): between the end of the data
 * and the server's reply, the server may or may not have accepted the mail.
 */
export type SendResult =
  /** The server has accepted the mail. */
  | { readonly outcome: 'sent' }
  /**
   * The mail will never be accepted. `isHardBounce`: the mailbox does not exist. `mayBeHardBounce`: the reply does not say
   * whether the mailbox exists. `needsSmtpUtf8`: the mail was not sent, because this server does not support such an
   * address; another server may. Code 0: no server was asked.
   */
  | {
      readonly outcome: 'refused';
      readonly code: number;
      readonly isHardBounce?: true;
      readonly mayBeHardBounce?: true;
      readonly needsSmtpUtf8?: true;
    }
  /** The server has not accepted the mail, and may accept it later. */
  | { readonly outcome: 'later'; readonly code?: number; readonly reason: string }
  /** No server was reachable, or it refuses to talk to us. Every other mail would fail now as well. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
  /** The caller aborted the sending at the last moment. The server has not accepted the mail. */
  | { readonly outcome: 'withheld' }
  /** The connection was lost after the data began. The server may have accepted the mail. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** An error as nodemailer throws it. */
export interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  /** The command that the server replied to, such as `RCPT TO`. */
  readonly command?: string;
  readonly response?: string;
}

/** Error codes about this one mail. All others are about the session. */
const ABOUT_THE_MAIL = new Set(['EENVELOPE', 'EMESSAGE']);

/** The session is in a wrong state or not authenticated (RFC 5321, RFC 4954). This says nothing about the mail. */
const ABOUT_THE_SESSION = new Set([503, 530, 534, 535, 538]);

/** Replies to MAIL FROM that are about this mail: its size, or a non-ASCII address (RFC 1870, RFC 6531). */
const ABOUT_ITS_ENVELOPE = { codes: new Set([552, 555]), enhanced: new Set(['5.2.3', '5.3.4', '5.6.7']) };

/** @param hasBegun whether any data of the mail was handed to the connection */
export function toSendResult(error: SmtpError, hasBegun: boolean): SendResult {
  const { code = 'unknown error', responseCode, command, response = '' } = error;
  const reason = responseCode === undefined ? code : `${code} ${responseCode}`;
  const hasReply = responseCode !== undefined && responseCode >= 400 && responseCode < 600;
  if (hasBegun && !hasReply) return { outcome: 'unknown', reason };
  if (responseCode === 421 || !ABOUT_THE_MAIL.has(code)) return { outcome: 'unreachable', reason };
  // Without a reply, nodemailer itself rejected the envelope or the size, and would do so again.
  if (responseCode === undefined && response === '') return { outcome: 'refused', code: 0 };
  // The reply is not a valid SMTP reply: the server does not speak SMTP.
  if (!hasReply) return { outcome: 'unreachable', reason };
  if (responseCode < 500 || ABOUT_THE_SESSION.has(responseCode) || isTransient(response)) {
    return { outcome: 'later', code: responseCode, reason };
  }
  // The sender is the same for every mail, so every other mail would fail as well.
  if (command === 'MAIL FROM' && !isAboutEnvelope(responseCode, response)) {
    return { outcome: 'unreachable', reason };
  }
  const refused = { outcome: 'refused', code: responseCode } as const;
  // After any other command, the server had accepted the address.
  if (command !== 'RCPT TO') return refused;
  const rejection = classifyRecipientRejection(response);
  if (rejection === 'hard-bounce') return { ...refused, isHardBounce: true };
  return rejection === 'unclear' ? { ...refused, mayBeHardBounce: true } : refused;
}

const isAboutEnvelope = (code: number, reply: string): boolean =>
  ABOUT_ITS_ENVELOPE.codes.has(code) ||
  parseEnhancedStatus(reply).given.some((one) => ABOUT_ITS_ENVELOPE.enhanced.has(one));

/** An enhanced status code (RFC 3463): class, subject and detail. Subjects go from 0 to 7. */
const CODE = String.raw`[245]\.[0-7]\.\d{1,3}`;

/** Where servers write a code: after the basic code (RFC 2034), in brackets, or after `#` as qmail does. */
const GIVEN_CODE = new RegExp(
  String.raw`^(?:\d{3}[ -])?[ \t]*(${CODE})(?![\d.\w])|(?:[([]#?|#)(${CODE})(?![\d.\w])`,
  'gm',
);

/** A code anywhere in the text. It may also be the version of a program. */
const MENTIONED_CODE = new RegExp(String.raw`(?<![\d.\w-])${CODE}(?![\d.\w-])`, 'g');

interface EnhancedStatus {
  /** The codes that the reply states, each once. Lines of one reply may differ. */
  readonly given: readonly string[];
  /** Other text that looks like a code. It may prevent that an address is suppressed, and never causes it. */
  readonly mentioned: readonly string[];
}

/** @param reply of one or more lines, as the server sent it */
function parseEnhancedStatus(reply: string): EnhancedStatus {
  const given = new Set([...reply.matchAll(GIVEN_CODE)].map(([, first, other]) => first ?? other!));
  const all = new Set([...reply.matchAll(MENTIONED_CODE)].map(([code]) => code));
  return { given: [...given], mentioned: [...all].filter((code) => !given.has(code)) };
}

/** Whether all enhanced codes of a 5xx reply say that the failure is temporary (RFC 3463, 4.x.x). */
function isTransient(reply: string): boolean {
  const { given } = parseEnhancedStatus(reply);
  return given.length > 0 && given.every((code) => code.startsWith('4.'));
}

/**
 * What a 5xx reply to RCPT TO says about the address. `hard-bounce`: the mailbox does not exist. `unclear`: it may not
 * exist; the same reply some days later makes it a hard bounce. `other`: the reply is about the server, the sender, a policy
 * or this one mail, and says nothing about the address, however often it is repeated.
 */
type RecipientRejection = 'hard-bounce' | 'unclear' | 'other';

/** Bad mailbox, bad system, bad syntax, mailbox moved, and a domain that takes no mail (RFC 3463, 3.2; RFC 7505). */
const HARD_BOUNCE = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10']);

/** An ambiguous address, and a disabled mailbox. Some servers also use the latter for a mailbox that gets too much mail. */
const UNCLEAR = new Set(['5.1.4', '5.2.1']);

/** Codes that name the subject and not the problem, so that the text decides. */
const UNSPECIFIC = new Set(['5.0.0', '5.1.0']);

/** Basic codes that may concern a mailbox. The others concern commands, logins or sizes (RFC 5321, 4.2.3). */
const MAILBOX_CODES = new Set(['550', '551', '553', '554', '556']);

/** A server may send a reply of any length. Only this many characters are examined. */
const MAX_TEXT_LENGTH = 4_000;

/** @param reply a 5xx, of one or more lines, as the server sent it */
export function classifyRecipientRejection(reply: string): RecipientRejection {
  const text = reply.slice(0, MAX_TEXT_LENGTH);
  const { given, mentioned } = parseEnhancedStatus(text);
  if (mentioned.some((code) => !HARD_BOUNCE.has(code))) return 'other';
  if (given.length === 0) return MAILBOX_CODES.has(text.slice(0, 3)) ? classifyByText(text) : 'other';
  const classes = new Set(given.map((code) => classifyByCode(code, text)));
  // Lines that contradict each other prove nothing.
  return classes.size === 1 ? [...classes][0]! : 'other';
}

function classifyByCode(code: string, text: string): RecipientRejection {
  if (HARD_BOUNCE.has(code)) return 'hard-bounce';
  if (UNSPECIFIC.has(code)) return classifyByText(text);
  if (UNCLEAR.has(code)) return classifyByText(text) === 'other' ? 'other' : 'unclear';
  return 'other';
}

const ADDRESS = /[^\s<>"(),:;]+@[^\s<>"(),:;]+/g;
/** Host names, links and IP addresses. The words in them mean nothing. */
const HOST_NAMES = /\b[a-z][a-z+.-]*:\/\/\S+|[\w-]+(?:\.[\w-]+)+/gi;

/** Words about a failure of the server, a policy, the sender, or a temporary condition. */
const ABOUT_SOMETHING_ELSE = new RegExp(
  [
    String.raw`\brelay`,
    String.raw`\b(?:spf|dkim|dmarc|arc|bimi|ptr|r?dns|dnsbl|rbl|helo|ehlo|fcrdns|tls|ssl|starttls|ip|asn)\b`,
    String.raw`\b(?:reverse|hostname|client|certificate|encrypt|greylist|graylist|grey|gray)`,
    String.raw`\b(?:sender|mail from|return[ -]path|envelope from|from address|from domain)`,
    String.raw`\byour (?:ip|host|server|domain|mail|message|network|account|address|provider)`,
    String.raw`block|(?:black|deny|white|allow)[ -]?list|\blisted (?:at|by|on|in \S*bl)\b`,
    String.raw`spam|spamhaus|barracuda|spamcop|unsolicited|\bbulk\b|\bjunk\b|virus|malware|phish|abuse|reputation|suspicious`,
    String.raw`\b(?:rate|rates|throttl\w*|limit\w*|too (?:many|much|fast|often|large|big|long)|quota|over[ -]?quota|full|storage|exceed\w*|frequen\w*)\b`,
    String.raw`polic(?:y|ies)|\bden(?:y|ied|ies)\b|permi(?:t|ss)|authori[sz]|authent|\bauth\b|\blog ?in\b|credential|password|\baccess\b|restrict|prohibit|forbid|\bbann?ed\b|not accepted from`,
    String.raw`temporar|try again|\blater\b|\bretry|defer|timed? ?out`,
    String.raw`\b(?:system|internal|server|local|configuration|database|ldap|lookup|directory|backend|verification|callout|verify)\b[^.;]{0,40}\b(?:error|fail\w*|problem|trouble|unavailable|down|busy)\b`,
    String.raw`service (?:is )?(?:not available|unavailable|refused)|\b(?:protocol|command|syntax|sequence|pipelin\w*|parameter)\b`,
    String.raw`\bcontent\b|\bmessage (?:rejected|refused|content)|\bheader`,
  ].join('|'),
  'i',
);

const MAILBOX_WORDS = String.raw`(?:users?|recipients?|mail ?box(?:es)?|e?-?mail address(?:es)?|(?:e?-?mail )?accounts?|address(?:es)?|addressee|person|local[ -]?part|mail ?drop|customer)`;
const GONE_WORDS = String.raw`(?:unknown|not (?:be )?found|does ?n[o']?t exist|do ?n[o']?t exist|not exist|not existing|non-?existent|no longer (?:exists?|valid|available|active|in use|here|with)|is ?n[o']?t (?:valid|known|available|here|local)|not (?:valid|known|available|here|local|listed in|a (?:known|valid) \w+)|is not a \w+|invalid|unavailable|inactive|deactivated|disabled|suspended|closed|deleted|expired|undeliverable|unroutable|unrouteable|has (?:moved|left))`;

/** Words that say that the mailbox does not exist. */
const MAILBOX_MISSING = new RegExp(
  [
    String.raw`\b${MAILBOX_WORDS}\b[^.;]{0,40}?\b${GONE_WORDS}`,
    String.raw`\b(?:unknown|invalid|bad|non-?existent|undeliverable|unroutable|unrouteable|no such|no|not a|not a (?:known|valid)|no valid|nonexisting)(?: (?:local|virtual|destination|recipient|e?-?mail|alias|such))* ${MAILBOX_WORDS}\b`,
    String.raw`\brecipient (?:address )?(?:rejected|refused|not accepted)`,
    String.raw`\b(?:rejected|refused|invalid|unknown|bad) recipient`,
    String.raw`\bmailbox name not allowed|\buser not local`,
    String.raw`\b(?:does ?n[o']?t|do ?n[o']?t|no longer) (?:have|has) an? [^.;]{0,40}\baccount\b`,
  ].join('|'),
  'i',
);

/** The address itself is removed first, because a member chooses it. */
function classifyByText(reply: string): RecipientRejection {
  const text = reply
    .replace(/[\r\n]+\d{3}[ -]/g, ' ')
    .replace(ADDRESS, ' ')
    .replace(/\s+/g, ' ');
  if (ABOUT_SOMETHING_ELSE.test(text)) return 'other';
  return MAILBOX_MISSING.test(text.replace(HOST_NAMES, ' ')) ? 'hard-bounce' : 'unclear';
}
