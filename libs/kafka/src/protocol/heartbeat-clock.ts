import { loadKafkajsConsumerGroup, type KafkajsConsumerGroup } from './kafkajs-internals.js';

/** The method that `installHeartbeatClock` has put in place. */
let installed: KafkajsConsumerGroup['heartbeat'] | undefined;

/**
 * Lets the consumers of this process send heartbeats after the system clock was set back. kafkajs would send none until the clock
 * has caught up: their group would exclude them, and their apps would not be ready.
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
