import { BlockList, isIP, isIPv4 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#libs/platform';

/** The key of all clients without a known address. */
const UNKNOWN = 'unknown';

/** Some proxies add the client's port: `192.0.2.1:5678`, `[2001:db8::1]:443`. */
const WITH_PORT = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/;

/** IPv6 prefixes of an IPv4 address: mapped (RFC 4291), and translated by a gateway (RFC 6052). */
const IPV4_PREFIXES = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/**
 * Parses an address of a connection or of `X-Forwarded-For` into one spelling, without a port or a zone. An IPv4
 * address in IPv6 notation becomes the IPv4 address.
 * @returns undefined for anything else
 */
function parseAddress(text: string | undefined): string | undefined {
  const [whole = '', bracketed, ipv4] = WITH_PORT.exec(text?.trim() ?? '') ?? [text?.trim()];
  const address = (bracketed ?? ipv4 ?? whole).replace(/%.*$/, '');
  if (isIP(address) === 0) return undefined;
  if (isIPv4(address)) return address;
  const groups = parseIpv6Groups(address);
  if (!IPV4_PREFIXES.includes(groups.slice(0, 6).map(toHex).join(':'))) return groups.map(toHex).join(':');
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

/**
 * Returns the client that an address stands for. With IPv6 each client has a network of 2^64 addresses, so it is that
 * network.
 */
export function toClientKey(ip: string | undefined): string {
  const address = parseAddress(ip);
  if (address === undefined) return UNKNOWN;
  return isIPv4(address) ? address : `${address.split(':').slice(0, 4).join(':')}::/64`;
}

const NAMED_NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * Returns a function that tells whether an address belongs to a proxy whose `X-Forwarded-For` is believed. Each entry
 * of the header was written by the proxy after it: the client is the first address from the right that is not such a
 * proxy, whatever stands before it.
 * @param proxies as in TRUST_PROXY; undefined for none
 */
export function createTrustedProxyCheck(
  proxies: string | undefined,
): (address: string | undefined) => boolean {
  const list = new BlockList();
  const names = (proxies ?? '').split(',').map((name) => name.trim());
  for (const network of names.flatMap((name) => NAMED_NETWORKS[name] ?? (name === '' ? [] : [name]))) {
    const [address = '', length] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(length ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  };
}

const toHex = (group: number): string => group.toString(16);

/** Returns the eight groups of an IPv6 address. */
function parseIpv6Groups(address: string): number[] {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map(toHex).join(':'),
  );
  const [head = '', tail] = plain.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(8 - before!.length - after!.length).fill('0');
  return [...before!, ...(tail === undefined ? [] : zeros), ...after!].map((group) =>
    Number.parseInt(group, 16),
  );
}

/**
 * Warns once when a sender outside TRUST_PROXY sends `X-Forwarded-For`. It may be a client that forges the header; if
 * it is the deployment's own proxy, the limits count everybody behind it as one client.
 */
export function warnAboutUntrustedProxy(
  server: FastifyInstance,
  isTrusted: (address: string | undefined) => boolean,
  logger: Logger,
): void {
  let warned = false;
  server.addHook('onRequest', ({ headers, socket }, _reply, done) => {
    if (!warned && headers['x-forwarded-for'] !== undefined && !isTrusted(socket.remoteAddress)) {
      warned = true;
      logger.warn(
        'X-Forwarded-For was ignored: its sender is not in TRUST_PROXY. If it is your proxy, all clients behind it count as one address; add its network to TRUST_PROXY',
      );
    }
    done();
  });
}
