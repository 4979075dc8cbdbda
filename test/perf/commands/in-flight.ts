const IN_FLIGHT = 256;

/**
 * Works on all items, with a fixed number of them in flight. Tells the bench when the warm-up has ended and when the last
 * item is done, and lives until the bench stops this process.
 */
export async function workInFlight<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const uncounted = Number(process.env['UNCOUNTED']);
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < items.length) {
      await work(items[next++]!);
      done += 1;
      if (done === uncounted) process.send!('warm');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  process.send!('done');
}
