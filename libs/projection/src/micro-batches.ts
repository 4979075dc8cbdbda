/**
 * Gathers what a source gives into batches: closed when it holds `maxItems`, or `maxWaitMs` after its first item. It
 * asks the source for no more than that, so a slow consumer holds the source back. What came before an error of the
 * source is given before the error.
 * @param open starts the source, which is to end when the signal aborts
 */
export async function* microBatches<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  maxItems: number,
  maxWaitMs: number,
): AsyncGenerator<T[], void, void> {
  const closing = new AbortController();
  const items = open(closing.signal)[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      pending ??= items.next();
      const first = await pending;
      pending = undefined;
      if (first.done) return;
      const batch = [first.value];
      const deadline = timer(maxWaitMs);
      let end: { error?: unknown } | undefined;
      try {
        while (batch.length < maxItems) {
          pending ??= items.next();
          const next = await Promise.race([pending, deadline.elapsed]);
          if (next === undefined) break;
          pending = undefined;
          if (next.done) {
            end = {};
            break;
          }
          batch.push(next.value);
        }
      } catch (error) {
        pending = undefined;
        end = { error };
      } finally {
        deadline.cancel();
      }
      yield batch;
      if (end === undefined) continue;
      if ('error' in end) throw end.error;
      return;
    }
  } finally {
    // A generator takes return() only once its next() is through, and on a quiet night that waits for an event.
    closing.abort();
    pending?.catch(() => undefined);
    await items.return?.();
  }
}

function timer(ms: number): { elapsed: Promise<undefined>; cancel(): void } {
  let handle: NodeJS.Timeout | undefined;
  const elapsed = new Promise<undefined>((resolve) => {
    handle = setTimeout(() => resolve(undefined), ms);
  });
  return { elapsed, cancel: () => clearTimeout(handle) };
}
