/**
 * Why a broker refused what it was asked, by Kafka's name for it; undefined when none has answered. With all attempts of
 * kafkajs behind it, which wraps what it gave up on.
 */
export function refusalOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'KafkaJSProtocolError') return (at as Error & { type: string }).type;
  }
  return undefined;
}
