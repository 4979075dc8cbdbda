/** Names the server that did not do its part, for the operator who reads the error, or the readiness. */
export async function needs<T>(server: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${server} does not do its part: ${reasonOf(error)}`, { cause: error });
  }
}

/** Where several addresses of one name cannot be reached, Node throws an error without a text. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

export const DATABASE = 'the database at DATABASE_URL';
export const KAFKA_BROKERS = 'Kafka at KAFKA_BROKERS';
