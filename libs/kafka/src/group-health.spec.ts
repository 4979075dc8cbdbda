import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Health } from '#libs/platform';
import { GroupHealth } from './group-health.js';

describe('GroupHealth', () => {
  let health: Health;
  let member: GroupHealth;
  const state = () => health.report().parts['kafka:group']!;

  beforeEach(() => {
    jest.useFakeTimers();
    health = new Health();
    member = new GroupHealth('kafka:group', 6_000, health);
    member.onJoining();
  });
  afterEach(() => void jest.useRealTimers());

  it('becomes ready with the first assignment', () => {
    expect(state()).toEqual({ ready: false, detail: 'joining the consumer group' });
    member.onJoined({ topic: [0, 1] });
    expect(state()).toEqual({ ready: true });
  });

  it('stays unready while one partition is blocked, even if another one progresses', () => {
    member.onJoined({ topic: [0, 1] });
    member.partitionBlocked('topic', 0, 'blocked at topic/0@7: database gone');
    member.partitionResumed('topic', 1);
    member.onHeartbeat();
    expect(state()).toEqual({ ready: false, detail: 'blocked at topic/0@7: database gone' });
    member.partitionResumed('topic', 0);
    expect(state()).toEqual({ ready: true });
  });

  it('forgets a blocked partition that was assigned to another member', () => {
    member.onJoined({ topic: [0, 1] });
    member.partitionBlocked('topic', 0, 'blocked');
    member.onJoined({ topic: [0] });
    expect(state().ready).toBe(false);
    member.onJoined({ topic: [1] });
    expect(state().ready).toBe(true);
  });

  it('becomes unready after a session timeout without a heartbeat response, and ready at the next one', () => {
    member.onJoined({ topic: [0] });
    jest.advanceTimersByTime(5_999);
    member.onHeartbeat();
    jest.advanceTimersByTime(5_999);
    expect(state().ready).toBe(true);
    jest.advanceTimersByTime(1);
    expect(state().detail).toContain('no response');
    member.onHeartbeat();
    expect(state()).toEqual({ ready: true });
  });

  it('keeps the reason for which the member left', () => {
    member.onJoined({ topic: [0] });
    member.onLeft('disconnected');
    jest.advanceTimersByTime(60_000);
    expect(state()).toEqual({ ready: false, detail: 'disconnected' });
  });
});
