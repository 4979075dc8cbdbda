import { WrappingKeyMissingError } from '#libs/author-keys';

export const DATABASE = 'the database at DATABASE_URL';
export const KAFKA_BROKERS = 'Kafka at KAFKA_BROKERS';

/**
 * Names the server that failed, for the operator who reads the log or the readiness.
 * @throws Error with the original error as its cause
 */
export async function withDependency<T>(server: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    // The database has responded: a setting of this app is wrong, and the error names it.
    if (error instanceof WrappingKeyMissingError) throw error;
    throw new Error(`${server} failed: ${reasonOf(error)}`, { cause: error });
  }
}

/** If none of a host name's addresses can be reached, Node throws an AggregateError without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
