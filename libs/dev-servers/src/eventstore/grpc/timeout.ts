/** The longest that a write may take until the server gives it up, by the real server's default. */
export const WRITE_TIMEOUT_MS = 2_000;

/** Settles as the promise does, or with the error when that takes too long. */
export async function within<Value>(ms: number, promise: Promise<Value>, error: () => Error): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(error()), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
