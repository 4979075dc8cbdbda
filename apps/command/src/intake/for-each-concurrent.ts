/**
 * Runs `work` for each item, at most `concurrency` at a time. After a failure it starts no further item, waits for those that
 * are running, and throws the first error. So nothing is running any more when it returns or throws.
 */
export async function forEachConcurrent<T>(
  concurrency: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const runLane = async () => {
    while (next < items.length && failures.length === 0) {
      const item = items[next]!;
      next += 1;
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, runLane));
  if (failures.length > 0) throw failures[0];
}
