import { loadKafkajsConsumerGroup, type KafkajsConsumerGroup } from './kafkajs-internals.js';

/** What `installHeartbeatClock` put there. */
let installed: KafkajsConsumerGroup['heartbeat'] | undefined;

/**
 * Lets the consumers of this process send heartbeats after the system clock was set back. kafkajs would send none until the clock is
 * where it was before: their group would exclude them, and their apps would not be ready.
 */
export function installHeartbeatClock(): void {
  const { prototype } = loadKafkajsConsumerGroup();
  const original = prototype.heartbeat;
  if (original === installed) return;
  prototype.heartbeat = function (options) {
    this.lastRequest = Math.min(this.lastRequest, Date.now());
    return original.call(this, options);
  };
  installed = prototype.heartbeat;
}
