import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { installHeartbeatClock } from './heartbeat-clock.js';
import type { KafkajsConsumerGroup } from './kafkajs-internals.js';

const ConsumerGroup = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as new (
  options: object,
) => KafkajsConsumerGroup & Record<'memberId' | 'coordinator', unknown>;

const HOUR = 3_600_000;
const INTERVAL = { interval: 1_000 };

describe('installHeartbeatClock', () => {
  let now = Date.now();

  beforeEach(() => {
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('lets a consumer send a heartbeat at each interval after the system clock was set back', async () => {
    installHeartbeatClock();
    installHeartbeatClock();
    const heartbeat = jest.fn(() => Promise.resolve());
    const group = new ConsumerGroup({
      topics: [],
      logger: { namespace: () => ({}) },
      instrumentationEmitter: { emit: () => undefined },
    });
    Object.assign(group, { memberId: 'member', coordinator: { heartbeat } });
    now -= HOUR;
    await group.heartbeat(INTERVAL);
    expect(heartbeat).not.toHaveBeenCalled();
    now += INTERVAL.interval;
    await group.heartbeat(INTERVAL);
    await group.heartbeat(INTERVAL);
    expect(heartbeat).toHaveBeenCalledTimes(1);
  });
});
