import { Gauge, type Registry } from 'prom-client';
import type { Pool } from './postgres.js';

/** How much of a pool is in use, and who waits for it; read when somebody asks. @returns the pool */
export function measurePool(registry: Registry, pool: Pool): Pool {
  const registers = [registry];
  const connections = new Gauge({
    name: 'invitations_postgres_connections',
    help: 'Connections of the pool, by whether they are lent out',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
    },
  });
  connections.set({ state: 'busy' }, 0);
  const most = new Gauge({
    name: 'invitations_postgres_connections_max',
    help: 'Connections that the pool may have',
    registers,
  });
  most.set(pool.options.max);
  const waiting = new Gauge({
    name: 'invitations_postgres_waiting',
    help: 'Pieces of work that wait for a connection',
    registers,
    collect() {
      this.set(pool.waitingCount);
    },
  });
  waiting.set(0);
  return pool;
}
