import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './config.js';

/**
 * Reads a file that a variable names, such as a certificate.
 * @throws ConfigError that names the variable and the reason, and not the value: it may be the secret itself, set by mistake
 */
export function readSettingFile(variable: string, path: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new ConfigError(`the file that ${variable} names cannot be read: ${describeFileError(error)}`);
  }
  if (content.length === 0) throw new ConfigError(`the file that ${variable} names is empty`);
  return content;
}

/**
 * Reads a password for one login. The line break at its end, which editors and `echo` add, does not count.
 * @throws ConfigError
 */
export function readPasswordFile(variable: string, path: string): string {
  const password = readSettingFile(variable, path)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '') throw new ConfigError(`the file that ${variable} names is empty`);
  return password;
}

/**
 * Reads a certificate or a key. OpenSSL ignores a file of authorities that has none, and does not name the file of another mistake.
 * @throws ConfigError
 */
export function readPemFile(variable: string, path: string, content: 'CERTIFICATE' | 'PRIVATE KEY'): string {
  const text = readSettingFile(variable, path).toString('utf8');
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: .*ENCRYPTED/m.test(text)) {
    throw new ConfigError(
      `the key in the file that ${variable} names is encrypted: it must be without a password`,
    );
  }
  if (!new RegExp(`-----BEGIN (?:[A-Z]+ )?${content}-----`).test(text)) {
    throw new ConfigError(`the file that ${variable} names has no ${content.toLowerCase()} in PEM format`);
  }
  return text;
}

/** Changes with the content of a file. Kubernetes replaces a symbolic link, so the file behind it is another one. */
export function readFileVersion(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.ino} ${found.mtimeMs} ${found.size}`;
}

/** Time between two looks at the file of a secret, in milliseconds. */
const RECHECK_MS = 1_000;

/** A secret in a file. It is read again when the file has changed, so that a rotated secret is used without a restart. */
export class SecretFile {
  private secret: string;
  private version: string;
  private checkedAt = performance.now();

  /** @throws ConfigError if the file cannot be read or is empty */
  constructor(
    private readonly variable: string,
    private readonly path: string,
  ) {
    this.version = readFileVersion(path) ?? '';
    this.secret = this.read();
  }

  /** The secret without the newline with which editors end a file. If the file is gone, the last one that was read. */
  get value(): string {
    const now = performance.now();
    if (now - this.checkedAt < RECHECK_MS) return this.secret;
    this.checkedAt = now;
    const version = readFileVersion(this.path);
    if (version === undefined || version === this.version) return this.secret;
    try {
      this.secret = this.read();
      this.version = version;
    } catch {
      // It is being replaced. The next look finds the new one.
    }
    return this.secret;
  }

  private read(): string {
    return readPasswordFile(this.variable, this.path);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};

const describeFileError = (error: unknown): string => {
  const { code = '' } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? (code || 'the path is not valid');
};
