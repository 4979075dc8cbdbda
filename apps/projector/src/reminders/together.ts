import type { Worker } from '../workers.js';

/** Workers that only make sense beside each other, as one. */
export const together = (...workers: readonly Worker[]): Worker => ({
  async start() {
    await Promise.all(workers.map(async (worker) => worker.start()));
  },
  async stop() {
    await Promise.all(workers.map((worker) => worker.stop()));
  },
});
