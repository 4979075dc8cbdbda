import type { KafkaLogin } from '../security/sasl.js';
import type { TlsFiles } from '../security/tls-files.js';

/** The operations of Kafka's ACLs that this service needs. Read and Write include Describe. */
export type KafkaOperation = 'Read' | 'Write' | 'Create' | 'Delete' | 'Describe';

/** What a principal may do with a topic or a consumer group. */
export interface KafkaRight {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  /** The right is for all names that begin with `name`. */
  readonly isPrefix?: true;
  readonly operations: readonly KafkaOperation[];
}

/** A principal, its variable, or how it got in without a login: for an operator. */
export const describePrincipal = (login: KafkaLogin | undefined, tls: TlsFiles | undefined): string => {
  if (login === undefined)
    return tls?.certFile === undefined ? 'User:ANONYMOUS' : 'the subject of KAFKA_SSL_CERT_FILE';
  return login.mechanism === 'oauthbearer' ? 'the principal of the token' : `User:${login.username}`;
};

/** For example `Read and Delete on groups command.look-back.*`. */
export const describeRight = ({ resource, name, isPrefix, operations }: KafkaRight): string =>
  `${operations.join(' and ')} on ${resource}${isPrefix ? `s ${name}*` : ` ${name}`}`;
