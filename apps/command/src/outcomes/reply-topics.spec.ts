import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#libs/platform';
import { ReplyTopics } from './reply-topics.js';

const A = 'invitations.outcomes.a';
const B = 'invitations.outcomes.b';

describe('reply topics', () => {
  let existing: string[];
  let asked: number;
  let now: number;
  let topics: ReplyTopics;

  beforeEach(() => {
    existing = [A, 'invitations.sent', 'invitations.outcomes.'];
    asked = 0;
    now = 1_000_000;
    const list = async () => {
      asked += 1;
      return existing;
    };
    topics = new ReplyTopics(list, () => now, createLogger('test', 'silent'));
  });

  const usable = async (...wanted: string[]) => [...(await topics.usable(new Set(wanted)))];

  it('are those below invitations.outcomes. that exist', async () => {
    expect(
      await usable(A, B, 'invitations.sent', 'invitations.outcomes.', 'invitations.outcomes.a/b', ''),
    ).toEqual([A]);
  });

  it('are named in the log where one is missing, and nothing else that stands in their place', async () => {
    let log = '';
    const logger = createLogger('test', 'warn', { write: (line) => void (log += line) });
    topics = new ReplyTopics(
      () => Promise.resolve([]),
      () => now,
      logger,
    );
    await usable(B, 'amal@network.example');
    expect(log).toContain(B);
    expect(log.trim().split('\n')).toHaveLength(2);
    expect(log).not.toContain('@');
  });

  it('are asked for once a minute', async () => {
    await usable(A);
    now += 59_999;
    await usable(A);
    expect(asked).toBe(1);
    now += 1;
    existing = [];
    expect(await usable(A)).toEqual([]);
    expect(asked).toBe(2);
  });

  it('are asked for again when one is missing, but not for each message', async () => {
    expect(await usable(B)).toEqual([]);
    existing.push(B);
    now += 999;
    expect(await usable(B)).toEqual([]);
    expect(asked).toBe(1);
    now += 1;
    expect(await usable(B)).toEqual([B]);
    expect(asked).toBe(2);
  });

  it('are not asked for on behalf of a topic that could never be one', async () => {
    await usable(A);
    now += 10_000;
    await usable('invitations.commands');
    expect(asked).toBe(1);
  });

  it('are asked for anew after a failure to send', async () => {
    await usable(A);
    existing = [];
    topics.forget();
    expect(await usable(A)).toEqual([]);
  });

  describe('that refuse what they are sent', () => {
    beforeEach(() => void existing.push(B));

    it('are waited for as long as a new leader may take', async () => {
      expect(topics.refused(A, 'LEADER_NOT_AVAILABLE')).toBe(false);
      topics.took([B]);
      now += 29_999;
      expect(topics.refused(A, 'LEADER_NOT_AVAILABLE')).toBe(false);
      expect(await usable(A, B)).toEqual([A, B]);
    });

    it('are passed over for a minute then, and after it as soon as they refuse again', async () => {
      topics.refused(A, 'NOT_ENOUGH_REPLICAS');
      topics.took([B]);
      now += 30_000;
      expect(topics.refused(A, 'NOT_ENOUGH_REPLICAS')).toBe(true);
      now += 59_999;
      expect(await usable(A, B)).toEqual([B]);
      now += 1;
      expect(await usable(A, B)).toEqual([A, B]);
      expect(topics.refused(A, 'NOT_ENOUGH_REPLICAS')).toBe(true);
    });

    it('are waited for while no other topic takes anything: that is an outage', () => {
      topics.took([B]);
      now += 1;
      topics.refused(A, 'NOT_ENOUGH_REPLICAS');
      now += 3_600_000;
      // A chunk that nobody wants to hear of is sent, too.
      topics.took([]);
      expect(topics.refused(A, 'NOT_ENOUGH_REPLICAS')).toBe(false);
    });

    it('are as all others once they have taken something', () => {
      topics.refused(A, 'NOT_ENOUGH_REPLICAS');
      now += 30_000;
      topics.took([A]);
      expect(topics.refused(A, 'NOT_ENOUGH_REPLICAS')).toBe(false);
    });
  });

  it('that cannot be listed are an outage, and the next attempt asks again', async () => {
    let broken = true;
    const list = () => (broken ? Promise.reject(new Error('no broker')) : Promise.resolve([A]));
    const failing = new ReplyTopics(list, () => now, createLogger('test', 'silent'));
    await expect(failing.usable(new Set([A]))).rejects.toThrow('no broker');
    broken = false;
    expect([...(await failing.usable(new Set([A])))]).toEqual([A]);
  });
});
