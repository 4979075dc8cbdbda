import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ApiConfig } from '../config/api.config.js';
import { ProblemError } from '../http/problem.js';
import { LocalRateLimiter } from './local-rate-limiter.js';

const HOUR = 3_600_000;

describe('LocalRateLimiter', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('takes no token away when the system clock is set back', () => {
    const rate = { count: 2, periodMs: HOUR };
    const limiter = new LocalRateLimiter({ RATE_ADDRESS: rate, RATE_MEMBER: rate } as ApiConfig);
    limiter.consumeForAddress('198.51.100.1');
    limiter.consumeForMember('amal');
    const back = Date.now() - HOUR;
    jest.spyOn(Date, 'now').mockReturnValue(back);
    expect(() => limiter.consumeForAddress('198.51.100.1')).not.toThrow();
    expect(() => limiter.consumeForMember('amal')).not.toThrow();
    expect(() => limiter.consumeForMember('amal')).toThrow(ProblemError);
  });
});
