import { describe, expect, it } from '@jest/globals';
import { toClientKey, createTrustedProxyCheck } from './client-address.js';

describe('toClientKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::192.0.2.1', '2001:db8:1:2::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    // With the port that some proxies write, which is another for each connection.
    ['192.0.2.1:5678', '192.0.2.1'],
    [' 192.0.2.1:65535 ', '192.0.2.1'],
    ['[::1]:80', '0:0:0:0::/64'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
    ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
    ['[192.0.2.1]:443', '192.0.2.1'],
    ['[fe80::1%eth0]:443', 'fe80:0:0:0::/64'],
  ])('turns %s into %s', (ip, client) => {
    expect(toClientKey(ip)).toBe(client);
  });

  it.each([
    'unknown',
    '_hidden',
    '',
    'x'.repeat(9_000),
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1:',
    '192.0.2.1:123456',
    '[2001:db8::1',
    '2001:db8::1]:443',
    '::ffff:192.0.2.1:1',
    '1:2:3:4:5:6:7:8:9',
    '"192.0.2.1"',
    '[]',
    undefined,
  ])('turns %s, which is not an address, into the one unknown client', (ip) => {
    expect(toClientKey(ip)).toBe('unknown');
  });
});

describe('createTrustedProxyCheck', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '10.1.2.3:5678', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '[::ffff:a01:203]:443', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['2001:db8::/32, loopback', '2001:db8:ffff::1', true],
    ['2001:db8::/32, loopback', '127.0.0.9', true],
    ['2001:db8::/32, loopback', '::1', true],
    ['linklocal', 'fe80::1%eth0', true],
    ['uniquelocal', '192.168.3.4', true],
    ['uniquelocal', 'fd00::1', true],
    ['uniquelocal', '198.51.100.1', false],
    ['uniquelocal', 'unknown', false],
    [undefined, '10.1.2.3', false],
    [undefined, undefined, false],
  ])('says for %s and the address %s: %s', (proxies, address, trusted) => {
    expect(createTrustedProxyCheck(proxies)(address)).toBe(trusted);
  });
});
