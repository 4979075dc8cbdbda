import { buffer } from 'node:stream/consumers';
import DKIM from 'nodemailer/lib/dkim';
import { readPemFile, SecretFile } from '#libs/platform';

export interface DkimSettings {
  /** The domain that signs, usually that of the sender. */
  readonly domain: string;
  /** The public key is in the TXT record `<selector>._domainkey.<domain>`. */
  readonly selector: string;
  /** The file of the private key in PEM format, without a password. It is read again when it changes. */
  readonly keyFile: string;
}

/** RFC 8058 wants a signature of both List-Unsubscribe headers, which nodemailer does not sign by default. */
const SIGNED_HEADERS = [
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
];

/** Signs e-mails, so that receivers know that the domain sent them and that nobody has changed them (DKIM, RFC 6376). */
export class DkimSigner {
  private readonly key: SecretFile;

  /** @throws ConfigError if the file has no private key */
  constructor(private readonly settings: DkimSettings) {
    readPemFile('SMTP_DKIM_KEY_FILE', settings.keyFile, 'PRIVATE KEY');
    this.key = new SecretFile('SMTP_DKIM_KEY_FILE', settings.keyFile);
  }

  /** Returns the message with its signature as the first header. */
  sign(message: Buffer): Promise<Buffer> {
    const { domain: domainName, selector: keySelector } = this.settings;
    const headerFieldNames = SIGNED_HEADERS.join(':');
    const signer = new DKIM({ domainName, keySelector, headerFieldNames, privateKey: this.key.value });
    return buffer(signer.sign(message));
  }
}
