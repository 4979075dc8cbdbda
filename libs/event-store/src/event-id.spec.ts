import { describe, expect, it } from '@jest/globals';
import { v5 as uuid5 } from 'uuid';
import { id } from '../../../test/support/story.js';
import { eventId } from './event-id.js';

describe("an event's id", () => {
  it('is for ever the same UUID of version 5', () => {
    expect(eventId(id(1), 0)).toBe(uuid5(`${id(1)}:0`, '5c1f2a52-3f0e-5d0b-9f5d-1d8f3f1a6c57'));
    for (let n = 0; n < 500; n += 1) {
      const expected = uuid5(`${id(n)}:${n % 7}`, '5c1f2a52-3f0e-5d0b-9f5d-1d8f3f1a6c57');
      expect(eventId(id(n), n % 7)).toBe(expected);
    }
  });
});
