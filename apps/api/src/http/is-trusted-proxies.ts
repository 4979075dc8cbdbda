import { isIP } from 'node:net';
import { ValidateBy } from 'class-validator';

const NAMED = new Set(['loopback', 'linklocal', 'uniquelocal']);

/**
 * Addresses and networks of proxies, comma separated. "All of them" is not on offer: then anyone could say what address
 * they have.
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
