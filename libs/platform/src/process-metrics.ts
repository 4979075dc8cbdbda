import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** The process's own figures: memory, CPU, garbage collection, the event loop's lag and how busy it is. */
export function measureProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  let before = performance.eventLoopUtilization();
  const busy = new Gauge({
    name: 'invitations_event_loop_utilization',
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
  busy.set(0);
}
