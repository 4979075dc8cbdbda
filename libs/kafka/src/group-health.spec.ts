import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Health } from '#libs/platform';
import { GroupHealth } from './group-health.js';

describe('the health of a group member', () => {
  let health: Health;
  let member: GroupHealth;
  const state = () => health.report().parts['kafka:group']!;

  beforeEach(() => {
    jest.useFakeTimers();
    health = new Health();
    member = new GroupHealth('kafka:group', 6_000, health);
    member.joining();
  });
  afterEach(() => void jest.useRealTimers());

  it('is good from its first assignment on', () => {
    expect(state()).toEqual({ ready: false, detail: 'joining the consumer group' });
    member.joined({ topic: [0, 1] });
    expect(state()).toEqual({ ready: true });
  });

  it('is bad while one partition stands, however well another moves', () => {
    member.joined({ topic: [0, 1] });
    member.stands('topic', 0, 'stands at topic/0@7: database gone');
    member.moves('topic', 1);
    member.heard();
    expect(state()).toEqual({ ready: false, detail: 'stands at topic/0@7: database gone' });
    member.moves('topic', 0);
    expect(state()).toEqual({ ready: true });
  });

  it('is no longer about a partition that another member has', () => {
    member.joined({ topic: [0, 1] });
    member.stands('topic', 0, 'stands');
    member.joined({ topic: [0] });
    expect(state().ready).toBe(false);
    member.joined({ topic: [1] });
    expect(state().ready).toBe(true);
  });

  it('is bad when the coordinator is silent for as long as a session lasts, until it answers', () => {
    member.joined({ topic: [0] });
    jest.advanceTimersByTime(5_999);
    member.heard();
    jest.advanceTimersByTime(5_999);
    expect(state().ready).toBe(true);
    jest.advanceTimersByTime(1);
    expect(state().detail).toContain('no answer');
    member.heard();
    expect(state()).toEqual({ ready: true });
  });

  it('stays what it was when it left', () => {
    member.joined({ topic: [0] });
    member.left('disconnected');
    jest.advanceTimersByTime(60_000);
    expect(state()).toEqual({ ready: false, detail: 'disconnected' });
  });
});
