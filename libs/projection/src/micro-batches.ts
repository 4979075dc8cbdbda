/**
 * Gathers what a source gives into batches: closed when it holds `maxItems`, or `maxWaitMs` after its first item. It
 * asks the source for no more than that, so a slow consumer holds the source back.
 */
export async function* microBatches<T>(
  source: AsyncIterable<T>,
  maxItems: number,
  maxWaitMs: number,
): AsyncGenerator<T[], void, void> {
  const items = source[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      pending ??= items.next();
      const first = await pending;
      pending = undefined;
      if (first.done) return;
      const batch = [first.value];
      const deadline = timer(maxWaitMs);
      let ended = false;
      while (batch.length < maxItems) {
        pending ??= items.next();
        const next = await Promise.race([pending, deadline.elapsed]);
        if (next === undefined) break;
        pending = undefined;
        if (next.done) {
          ended = true;
          break;
        }
        batch.push(next.value);
      }
      deadline.cancel();
      yield batch;
      if (ended) return;
    }
  } finally {
    // The source may end with an error after we stopped listening to it.
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
