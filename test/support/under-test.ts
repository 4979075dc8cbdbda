/** A server that a test was given; `stop` ends it if it is the test's own. */
interface UnderTest {
  stop(): Promise<void>;
}

export interface EventStoreUnderTest extends UnderTest {
  readonly url: string;
}

export interface KafkaUnderTest extends UnderTest {
  readonly brokers: string[];
}

export interface PostgresUnderTest extends UnderTest {
  readonly url: string;
}

export interface MailUnderTest extends UnderTest {
  readonly smtpUrl: string;
  /** Answers `GET` and `DELETE /api/messages`. */
  readonly url: string;
}
