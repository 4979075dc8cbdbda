import { createHash, timingSafeEqual } from 'node:crypto';
import { ValidateBy, type ValidationArguments } from 'class-validator';
import { isProduction } from './config.js';

/** The characters of a bearer token (RFC 6750). A secret of at least 32 characters cannot be guessed. */
const SECRET = /^[A-Za-z0-9._~+/-]{32,256}=*$/;

/**
 * Validates comma separated secrets of apps that call each other. The first is sent and all are accepted, so that a new
 * secret can be rolled out before the old one is removed. They are required in production.
 */
export const IsInternalSecrets = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInternalSecrets',
    validator: {
      validate: (value: unknown, args?: ValidationArguments) =>
        value === undefined
          ? args === undefined || !isProduction(args.object)
          : typeof value === 'string' && parseInternalSecrets(value).every((secret) => SECRET.test(secret)),
      defaultMessage: () =>
        '$property must be comma separated secrets of at least 32 characters (letters, digits and ._~+/-), and is required in production',
    },
  });

/** Like IsInternalSecrets, for secrets that are not required. */
export const IsOptionalSecrets = (): PropertyDecorator =>
  ValidateBy({
    name: 'isOptionalSecrets',
    validator: {
      validate: (value: unknown) =>
        value === undefined ||
        (typeof value === 'string' && parseInternalSecrets(value).every((secret) => SECRET.test(secret))),
      defaultMessage: () =>
        '$property must be comma separated secrets of at least 32 characters (letters, digits and ._~+/-)',
    },
  });

export const parseInternalSecrets = (env: string): string[] => env.split(',').map((secret) => secret.trim());

/** The `Authorization` header of a request to another app; undefined if no secret is configured. */
export function internalAuthorizationHeader(env: string | undefined): string | undefined {
  return env === undefined ? undefined : `Bearer ${parseInternalSecrets(env)[0]}`;
}

/**
 * Whether a request's `Authorization` header contains one of the secrets. If none is configured, as in development, every
 * request is accepted. All secrets are compared in constant time.
 */
export function isInternalRequest(env: string | undefined, authorization: string | undefined): boolean {
  if (env === undefined) return true;
  const given = digest(/^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '');
  return parseInternalSecrets(env)
    .map((secret) => timingSafeEqual(digest(secret), given))
    .includes(true);
}

/** timingSafeEqual needs inputs of the same length. */
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
