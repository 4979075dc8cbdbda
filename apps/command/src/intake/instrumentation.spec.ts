import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { CommandMetrics } from './instrumentation.js';

describe('CommandMetrics', () => {
  it("measures each message from its publication to its outcome, and takes a publisher's fast clock for no time", async () => {
    const registry = new Registry();
    new CommandMetrics(registry).recordResponses(
      [{ timestamp: 1_000 }, { timestamp: 3_500 }, { timestamp: 99_000 }],
      7_000,
    );
    const text = await registry.metrics();
    const name = 'invitations_publish_to_outcome_seconds';
    expect(text).toContain(`${name}_count 3`);
    // 6 s, 3.5 s and 0 s.
    expect(text).toContain(`${name}_sum 9.5`);
    expect(text).toContain(`${name}_bucket{le="5"} 2`);
  });
});
