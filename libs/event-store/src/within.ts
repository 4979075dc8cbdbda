/** The promise's end, or a rejection when that takes too long: the client itself would wait for ever. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  void promise.then(resolve, reject).finally(() => clearTimeout(timer));
  return answer;
}
