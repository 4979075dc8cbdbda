import { describe, expect, it } from '@jest/globals';
import { Topics, TOPICS } from './topics.js';

describe('Topics', () => {
  it('have the names of the contract without a prefix', () => {
    expect(new Topics()).toMatchObject(TOPICS);
    expect(new Topics().names.toSorted()).toEqual(Object.values(TOPICS).toSorted());
    expect(new Topics().outcomesOf('a')).toBe('invitations.outcomes.a');
  });

  it('have the prefix of an installation before every name', () => {
    const topics = new Topics('staging.');
    for (const [name, topic] of Object.entries(TOPICS)) {
      expect(topics[name as keyof typeof TOPICS]).toBe(`staging.${topic}`);
    }
    expect(topics.names.every((name) => name.startsWith('staging.'))).toBe(true);
    expect(topics.names).toHaveLength(Object.keys(TOPICS).length);
  });

  it('recognise reply topics of their own installation only', () => {
    const [one, other] = [new Topics('one.'), new Topics('other.')];
    expect(one.isOutcomes(one.outcomesOf('a'))).toBe(true);
    for (const topic of [other.outcomesOf('a'), new Topics().outcomesOf('a'), one.outcomesOf(''), one.sent])
      expect(one.isOutcomes(topic)).toBe(false);
    expect(one.isOutcomes(one.outcomesOf('a'.repeat(200)))).toBe(true);
    expect(one.isOutcomes(one.outcomesOf('a'.repeat(201)))).toBe(false);
    expect(
      new Topics('p'.repeat(50)).isOutcomes(new Topics('p'.repeat(50)).outcomesOf('a'.repeat(200))),
    ).toBe(false);
  });
});
