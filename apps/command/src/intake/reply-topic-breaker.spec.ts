import { beforeEach, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import { createLogger } from '#libs/platform';
import { ReplyTopicBreaker } from './reply-topic-breaker.js';

const A = 'invitations.outcomes.a';
const B = 'invitations.outcomes.b';

describe('ReplyTopicBreaker', () => {
  let existing: string[];
  let asked: number;
  let now: number;
  let topics: ReplyTopicBreaker;

  beforeEach(() => {
    existing = [A, 'invitations.sent', 'invitations.outcomes.'];
    asked = 0;
    now = 1_000_000;
    const list = async () => {
      asked += 1;
      return existing;
    };
    topics = new ReplyTopicBreaker(new Topics(), list, () => now, createLogger('test', 'silent'));
  });

  const usable = async (...wanted: string[]) => [...(await topics.filterUsable(new Set(wanted)))];

  it('returns the existing topics below invitations.outcomes.', async () => {
    expect(
      await usable(A, B, 'invitations.sent', 'invitations.outcomes.', 'invitations.outcomes.a/b', ''),
    ).toEqual([A]);
  });

  it('logs the name of a missing topic, and no other text of the header', async () => {
    let log = '';
    const logger = createLogger('test', 'warn', { write: (line) => void (log += line) });
    topics = new ReplyTopicBreaker(
      new Topics(),
      () => Promise.resolve([]),
      () => now,
      logger,
    );
    await usable(B, 'amal@network.example');
    expect(log).toContain(B);
    expect(log.trim().split('\n')).toHaveLength(2);
    expect(log).not.toContain('@');
  });

  it('lists the topics at most once a minute', async () => {
    await usable(A);
    now += 59_999;
    await usable(A);
    expect(asked).toBe(1);
    now += 1;
    existing = [];
    expect(await usable(A)).toEqual([]);
    expect(asked).toBe(2);
  });

  it('lists the topics again for a topic that stays missing, but at most once a second', async () => {
    expect(await usable(B)).toEqual([]);
    existing.push(B);
    now += 999;
    expect(await usable(B)).toEqual([]);
    expect(asked).toBe(1);
    now += 1;
    expect(await usable(B)).toEqual([B]);
    expect(asked).toBe(2);
  });

  it('finds a topic that was created just before its first command, however young the list is', async () => {
    expect(await usable(A)).toEqual([A]);
    existing.push(B);
    expect(await usable(A, B)).toEqual([A, B]);
    expect(asked).toBe(2);
  });

  it('looks again once a second for each of several missing topics', async () => {
    const C = 'invitations.outcomes.c';
    await usable(B);
    now += 500;
    await usable(B, C);
    expect(asked).toBe(2);
    now += 400;
    await usable(B, C);
    expect(asked).toBe(2);
  });

  it('does not list the topics again for a name that no reply topic can have', async () => {
    await usable(A);
    now += 10_000;
    await usable('invitations.commands');
    expect(asked).toBe(1);
  });

  it('lists the topics again after it was invalidated', async () => {
    await usable(A);
    existing = [];
    topics.invalidate();
    expect(await usable(A)).toEqual([]);
  });

  describe('with a topic that rejects messages', () => {
    beforeEach(() => void existing.push(B));

    it('stays closed for as long as a leader election may take', async () => {
      expect(topics.recordFailure(A, 'LEADER_NOT_AVAILABLE')).toBe(false);
      topics.recordSuccess([B]);
      now += 29_999;
      expect(topics.recordFailure(A, 'LEADER_NOT_AVAILABLE')).toBe(false);
      expect(await usable(A, B)).toEqual([A, B]);
    });

    it('opens for a minute then, and opens again at the first failure after it', async () => {
      topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS');
      topics.recordSuccess([B]);
      now += 30_000;
      expect(topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS')).toBe(true);
      now += 59_999;
      expect(await usable(A, B)).toEqual([B]);
      now += 1;
      expect(await usable(A, B)).toEqual([A, B]);
      expect(topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS')).toBe(true);
    });

    it('stays closed while no other topic accepts messages, because that is an outage', () => {
      topics.recordSuccess([B]);
      now += 1;
      topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS');
      now += 3_600_000;
      // A batch without replies is sent, too.
      topics.recordSuccess([]);
      expect(topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS')).toBe(false);
    });

    it('closes once the topic has accepted a message', () => {
      topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS');
      now += 30_000;
      topics.recordSuccess([A]);
      expect(topics.recordFailure(A, 'NOT_ENOUGH_REPLICAS')).toBe(false);
    });
  });

  it('throws when the topics cannot be listed, and lists them again at the next call', async () => {
    let broken = true;
    const list = () => (broken ? Promise.reject(new Error('no broker')) : Promise.resolve([A]));
    const failing = new ReplyTopicBreaker(new Topics(), list, () => now, createLogger('test', 'silent'));
    await expect(failing.filterUsable(new Set([A]))).rejects.toThrow('no broker');
    broken = false;
    expect([...(await failing.filterUsable(new Set([A])))]).toEqual([A]);
  });
});
