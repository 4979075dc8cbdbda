import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { connectEventStore } from './client.js';

function refusalOf(url: string): Error {
  try {
    connectEventStore(url);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${url} was taken`);
}

describe('connectEventStore', () => {
  it.each([
    'http://host:2113',
    'host:2113',
    'esdb://host:2113?tlsVerifyCert=false',
    'esdb://admin:hidden@host:not-a-port',
    'esdb://admin:hidden@',
    'esdb://admin:hidden@host?tls=hidden',
  ])('rejects %s with an error that names the variable and shows no credentials', (url) => {
    const error = refusalOf(url);
    expect(error.message).toMatch(/^EVENTSTORE_URL/);
    expect(inspect(error, { depth: 5 })).not.toContain('hidden');
  });
});
