import { isIP } from 'node:net';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { parseDurationMs } from '#libs/platform';

/** A rate limit: `count` requests at once, refilled one by one over each period. */
export interface Rate {
  readonly count: number;
  /** In milliseconds. */
  readonly periodMs: number;
}

/** A rate limit as `60/PT1M` (60 at once, refilled over each minute) or `none` (no limit). */
export function IsRate(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? parseRate(value.trim()) : value,
    )(target, property);
    ValidateBy({
      name: 'isRate',
      validator: {
        validate: (value: unknown) => value !== null,
        defaultMessage: () => '$property must be a number per duration, e.g. 60/PT1M, or none',
      },
    })(target, property);
  };
}

/** Returns null for an invalid rate, and undefined for `none`. */
function parseRate(text: string): Rate | null | undefined {
  if (text === 'none') return undefined;
  const [, count, duration] = /^([1-9]\d{0,8})\/(P.+)$/.exec(text) ?? [];
  if (count === undefined || duration === undefined) return null;
  try {
    const rate = { count: Number(count), periodMs: parseDurationMs(duration) };
    return rate.periodMs >= rate.count ? rate : null;
  } catch {
    return null;
  }
}

/** Origins of web pages (`https://app.example`), comma separated, parsed into a list. */
export function IsOrigins(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value,
    )(target, property);
    ValidateBy({
      name: 'isOrigins',
      validator: {
        validate: (value: unknown) => Array.isArray(value) && value.every(isOrigin),
        defaultMessage: () => '$property must be origins, e.g. https://app.example,https://admin.example',
      },
    })(target, property);
  };
}

function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

const NAMED = new Set(['loopback', 'linklocal', 'uniquelocal']);

/**
 * Addresses and networks of proxies, comma separated. There is no value for all addresses: it would let every client
 * claim any address.
 */
export const IsTrustedProxies = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTrustedProxies',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value.split(',').every(isProxy),
      defaultMessage: () => '$property must be addresses or networks, e.g. 10.0.0.0/8,loopback',
    },
  });

function isProxy(text: string): boolean {
  const name = text.trim();
  if (NAMED.has(name)) return true;
  const [address = '', length, ...more] = name.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    length === undefined || (/^[1-9]\d{0,2}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128))
  );
}
