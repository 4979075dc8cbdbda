import { describe, expect, it } from '@jest/globals';
import type { RawEvent } from '#libs/event-store/read-only';
import { DuplicateEventFinder } from './duplicate-events.js';

const uuid = (n: number, suffix = '000000000001') =>
  `${n.toString(16).padStart(8, '0')}-0000-5000-8000-${suffix}`;
const event = (accountId: string, id: string, revision: number) =>
  ({ accountId, id, type: 'InvitationSent', revision: BigInt(revision) }) as RawEvent;

async function find(events: readonly RawEvent[]) {
  const finder = new DuplicateEventFinder();
  for (const one of events) finder.add(one);
  const read: string[] = [];
  const duplicates = await finder.findDuplicates((accountId) => {
    read.push(accountId);
    return Promise.resolve(events.filter((one) => one.accountId === accountId));
  });
  return { duplicates, read };
}

describe('DuplicateEventFinder', () => {
  const many = Array.from({ length: 20_000 }, (_, n) => event(`m${n % 7}`, uuid(n), n));

  it('reads no stream when all ids differ', async () => {
    expect(await find(many)).toEqual({ duplicates: [], read: [] });
  });

  it('finds each id that a stream contains more than once, with its revisions', async () => {
    const { duplicates, read } = await find([
      ...many,
      event('m3', uuid(3), 20_000),
      event('m0', uuid(0), 7),
      event('m3', uuid(3), 1),
    ]);
    expect(read).toEqual(['m0', 'm3']);
    expect(duplicates).toEqual([
      { accountId: 'm0', id: uuid(0), type: 'InvitationSent', revisions: ['0', '7'] },
      { accountId: 'm3', id: uuid(3), type: 'InvitationSent', revisions: ['3', '20000', '1'] },
    ]);
  });

  it('tells ids apart that begin with the same bits, and streams that contain the same id', async () => {
    const { duplicates, read } = await find([
      event('a', uuid(1), 0),
      event('a', uuid(1, '000000000002'), 1),
      event('b', uuid(1), 0),
    ]);
    expect(read).toEqual(['a', 'b']);
    expect(duplicates).toEqual([]);
  });
});
