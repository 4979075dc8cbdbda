/** A server for a test. `stop` ends it if the test has started it. */
interface TestServer {
  stop(): Promise<void>;
}

export interface TestEventStore extends TestServer {
  readonly url: string;
}

export interface TestKafka extends TestServer {
  /** Of the listener at which everybody may do everything, unless the environment of the tests names another one. */
  readonly brokers: string[];
  /** The environment of a user of the manifests, if the cluster has logins. */
  environmentOf?(user: string): Record<string, string>;
}

export interface TestPostgres extends TestServer {
  readonly url: string;
}

export interface TestMail extends TestServer {
  readonly smtpUrl: string;
  /** Serves `GET` and `DELETE /api/messages`. */
  readonly url: string;
}
