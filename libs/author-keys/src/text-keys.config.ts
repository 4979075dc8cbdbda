import { createSecretKey } from 'node:crypto';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { ConfigError, IsConsistent, isProduction, type ConfigClass } from '#libs/platform';
import { KEY_BYTES, type WrappingKey, type WrappingKeys } from './encryption.js';

interface TextKeysConfig {
  readonly TEXT_KEYS?: string;
  readonly TEXT_ENCRYPTION: 'on' | 'off';
  readonly NODE_ENV?: string;
}

/** The variables of an app that encrypts or decrypts the texts of events. */
export function WithTextKeys<Base extends ConfigClass>(base: Base) {
  class TextKeys extends base {
    @IsOptional()
    @IsString()
    NODE_ENV?: string;

    /**
     * The keys that wrap the keys of authors, as `keyId:base64url-secret,…` with secrets of 32 bytes. The first wraps, all unwrap.
     * In production an app does not start without them, unless TEXT_ENCRYPTION is off.
     */
    @IsConsistent((config: TextKeysConfig) => findProblem(config))
    TEXT_KEYS?: string;

    /** `off` while an earlier version may still read the events: their texts are then stored as they are. */
    @IsOptional()
    @IsIn(['on', 'off'], { message: 'TEXT_ENCRYPTION must be on or off' })
    TEXT_ENCRYPTION: 'on' | 'off' = 'on';
  }
  return TextKeys;
}

function findProblem(config: TextKeysConfig): string | undefined {
  if (config.TEXT_KEYS === undefined) {
    return isProduction(config) && config.TEXT_ENCRYPTION === 'on'
      ? "must be set: it wraps the keys with which members' texts are encrypted (or set TEXT_ENCRYPTION=off)"
      : undefined;
  }
  try {
    parseWrappingKeys(config.TEXT_KEYS);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `is not valid: ${error.message}`;
  }
}

/** @returns undefined if there are none */
export const readWrappingKeys = ({ TEXT_KEYS }: TextKeysConfig): WrappingKeys | undefined =>
  TEXT_KEYS === undefined ? undefined : parseWrappingKeys(TEXT_KEYS);

const KEY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/;

/**
 * Parses keys that are written as `keyId:base64url-secret[,keyId:secret…]`.
 * @throws ConfigError that names key ids and never a secret
 */
export function parseWrappingKeys(env: string): WrappingKeys {
  const [first, ...others] = env.split(',').map((key, index) => parseKey(key.trim(), index + 1));
  const ids = [first!, ...others].map(({ id }) => id);
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  if (duplicate !== undefined) throw new ConfigError(`TEXT_KEYS names the key ${duplicate} twice`);
  return [first!, ...others];
}

function parseKey(text: string, ordinal: number): WrappingKey {
  const [, id, encoded] = KEY.exec(text) ?? [];
  if (id === undefined || encoded === undefined) {
    throw new ConfigError(`TEXT_KEYS: key number ${ordinal} is not written as keyId:base64url-secret`);
  }
  const secret = Buffer.from(encoded, 'base64url');
  if (secret.length !== KEY_BYTES) {
    throw new ConfigError(`TEXT_KEYS: the secret of ${id} does not have ${KEY_BYTES} bytes`);
  }
  return { id, secret: createSecretKey(secret) };
}
