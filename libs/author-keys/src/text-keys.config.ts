import { IsIn, IsOptional, IsString } from 'class-validator';
import { ConfigError, IsConsistent, isProduction, type ConfigClass } from '#libs/platform';
import { parseWrappingKeys, type WrappingKeys } from './wrapping-keys.js';

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
