import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Pool } from './postgres/transaction.js';

/** The version of this build, as package.json has it. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON('..', import.meta.url)!, 'utf8')) as {
    version: string;
  };
  return version;
}

/** Registers metrics of the process: memory, CPU, garbage collection, and lag and utilization of the event loop. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'invitations_build_info',
    help: 'Always 1. The labels say which version runs, on which Node',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: readVersion(), node: process.version }, 1);
  let previous = performance.eventLoopUtilization();
  const utilization = new Gauge({
    name: 'invitations_event_loop_utilization',
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, previous).utilization);
      previous = now;
    },
  });
  utilization.set(0);
}

/** Registers gauges of a connection pool, which are read at each scrape. @returns the pool */
export function registerPoolMetrics(registry: Registry, pool: Pool): Pool {
  const registers = [registry];
  const connections = new Gauge({
    name: 'invitations_postgres_connections',
    help: 'Connections of the pool: busy or idle',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
    },
  });
  connections.set({ state: 'busy' }, 0);
  const max = new Gauge({
    name: 'invitations_postgres_connections_max',
    help: 'Maximum number of connections of the pool',
    registers,
  });
  max.set(pool.options.max);
  const waiting = new Gauge({
    name: 'invitations_postgres_waiting',
    help: 'Callers that wait for a connection',
    registers,
    collect() {
      this.set(pool.waitingCount);
    },
  });
  waiting.set(0);
  return pool;
}
