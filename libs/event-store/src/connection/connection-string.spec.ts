import { describe, expect, it, jest } from '@jest/globals';
import { connectEventStore } from './connection.js';
import { parseConnectionString } from './connection-string.js';

describe('parseConnectionString', () => {
  it('reads one host, and uses TLS and port 2113 by default', () => {
    expect(parseConnectionString('esdb://store.example')).toEqual({
      hosts: [{ address: 'store.example', port: 2113 }],
      isDiscovered: false,
      credentials: undefined,
      isEncrypted: true,
      caFile: undefined,
      certFile: undefined,
      keyFile: undefined,
      clientOptions: {},
    });
  });

  it('reads a cluster that is discovered, or whose nodes are named', () => {
    expect(parseConnectionString(' esdb+discover://cluster.example:2114/ ')).toMatchObject({
      hosts: [{ address: 'cluster.example', port: 2114 }],
      isDiscovered: true,
    });
    expect(parseConnectionString('esdb://a,b:2114?nodePreference=follower')).toMatchObject({
      hosts: [
        { address: 'a', port: 2113 },
        { address: 'b', port: 2114 },
      ],
      isDiscovered: false,
      clientOptions: { nodePreference: 'follower' },
    });
  });

  it('reads a user and a password in percent-encoding', () => {
    const { credentials } = parseConnectionString('esdb://an%40na:p%3Aa%2Fs%3Fs%23%25@host');
    expect(credentials).toEqual({ username: 'an@na', password: 'p:a/s?s#%' });
  });

  it('reads every option that the client knows, in any spelling that the client takes', () => {
    const url =
      'esdb://host?TLS=true&tls_ca_file=%2Fca.crt&userCertFile=/u.crt&user-key-file=/u.key&nodePreference=readOnlyReplica' +
      '&maxDiscoverAttempts=3&discoveryInterval=50&gossipTimeout=2&defaultDeadline=9000&keepAliveInterval=-1' +
      '&keepAliveTimeout=20000&connectionName=a%20b&throwOnAppendFailure=true&tlsVerifyCert=true';
    expect(parseConnectionString(url)).toMatchObject({
      isEncrypted: true,
      caFile: '/ca.crt',
      certFile: '/u.crt',
      keyFile: '/u.key',
      clientOptions: {
        nodePreference: 'read_only_replica',
        maxDiscoverAttempts: 3,
        discoveryInterval: 50,
        gossipTimeout: 2,
        defaultDeadline: 9_000,
        keepAliveInterval: -1,
        keepAliveTimeout: 20_000,
        connectionName: 'a b',
      },
    });
  });

  it.each([
    ['http://host:2113', 'must begin with esdb://'],
    ['host:2113', 'must begin with esdb://'],
    ['esdb://', 'must name hosts as host:port'],
    ['esdb://user:hidden@', 'must name hosts as host:port'],
    ['esdb://user:hidden@host:port', 'must name hosts as host:port'],
    ['esdb://user:hidden@host:99999', 'must name hosts as host:port'],
    ['esdb://user:hidden@a,,b', 'must name hosts as host:port'],
    ['esdb://user@host', 'must have user:password before the @'],
    ['esdb://user:hid:den@host', 'must have user:password before the @'],
    ['esdb://user:hid@den@host', 'must have user:password before the @'],
    ['esdb://user:hid/den@host', 'must have user:password before the @'],
    ['esdb://user:hid?den=1@host', 'has a ? or @ too many'],
    ['esdb://user:hid%den@host', 'has a % that is not followed by two hexadecimal digits'],
    ['esdb://user:hidden@host?tls=hidden', 'has the option tls, which must be true or false'],
    ['esdb://host?tls', 'has the option tls, which must be true or false'],
    ['esdb://host?tls=true&tls=false', 'has the option tls twice'],
    ['esdb://user:hidden@host?tlsCaFil=/ca', 'has an option tlsCaFil that the client does not know'],
    ['esdb://host?hidden:1=/ca', 'has an option that the client does not know'],
    ['esdb://host?tls=true&', 'has an option that the client does not know'],
    ['esdb://host?gossipTimeout=soon', 'gossipTimeout, which must be a number of seconds above 0'],
    ['esdb://host?defaultDeadline=0', 'defaultDeadline, which must be a number of milliseconds above 0'],
    ['esdb://host?tlsVerifyCert=false', 'tlsVerifyCert, which must be true, and nothing else'],
    ['esdb://host?throwOnAppendFailure=false', 'throwOnAppendFailure, which must be true'],
  ])('rejects %s with an error that contains no part of a password', (url, problem) => {
    const warned = jest.spyOn(console, 'warn');
    let message = '';
    try {
      connectEventStore(url);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^EVENTSTORE_URL (must|has) /);
    expect(message).toContain(problem);
    expect(message).not.toMatch(/hid|den@|\n/);
    // Where the client would print the connection string.
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});
