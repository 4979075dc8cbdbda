/** A server for a test. `stop` ends it if the test has started it. */
interface TestServer {
  stop(): Promise<void>;
}

export interface TestEventStore extends TestServer {
  readonly url: string;
}

export interface TestKafka extends TestServer {
  readonly brokers: string[];
}

export interface TestPostgres extends TestServer {
  readonly url: string;
}

export interface TestMail extends TestServer {
  readonly smtpUrl: string;
  /** Serves `GET` and `DELETE /api/messages`. */
  readonly url: string;
}
