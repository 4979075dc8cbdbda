import type { FastifyInstance } from 'fastify';
import { Problem } from '../http/problem.js';
import type { InstanceLimits } from './instance-limits.js';

/** The orchestrator's: a flood must not make it think that the process is dead. */
const OPERATIONS = new Set(['/healthz', '/readyz', '/metrics']);

/** Counts every request of an address, before anything is done for it. */
export function limitAddresses(server: FastifyInstance, limits: () => InstanceLimits): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (OPERATIONS.has(request.routeOptions.url ?? '')) return done();
    try {
      limits().countAddress(request.ip, Date.now());
      done();
    } catch (error) {
      done(error as Problem);
    }
  });
}
