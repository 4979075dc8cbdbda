import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '../../../../libs/dev-servers/src/certificates/certificate-authority.js';
import type { LocalKafka } from './cluster.js';
import { ADMIN, type SecuredListeners } from './properties.js';

/** The users of a cluster with secured listeners: their certificates and passwords are files of a directory of its own. */
export class KafkaCredentials {
  private readonly dir = mkdtempSync(join(tmpdir(), 'kafka-credentials-'));
  private readonly authority = createCertificateAuthority('Kafka of a test', new Date());
  private readonly caFile = this.write('ca.pem', this.authority.ca);
  readonly listeners: SecuredListeners;

  /** @param users who exist beside ADMIN */
  constructor(users: Iterable<string>, maxReauthMs?: number) {
    const { cert, key } = this.authority.issue('broker', ['127.0.0.1', 'localhost']);
    const passwords = Object.fromEntries([ADMIN, ...users].map((name) => [name, `password-of-${name}`]));
    for (const [name, password] of Object.entries(passwords)) this.write(`${name}.password`, password);
    this.listeners = {
      keyStoreFile: this.write('broker.pem', key + cert),
      clientCaFile: this.caFile,
      passwords,
      ...(maxReauthMs === undefined ? {} : { maxReauthMs }),
    };
  }

  /** The variables of a user who logs in over TLS. */
  login(user: string, kafka: LocalKafka, mechanism = 'scram-sha-512'): Record<string, string> {
    return {
      KAFKA_BROKERS: kafka.securedBrokers,
      KAFKA_SSL_CA_FILE: this.caFile,
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD_FILE: join(this.dir, `${user}.password`),
    };
  }

  /** The variables of a user who has a new certificate, by default of the authority that the brokers trust. */
  certificate(user: string, kafka: LocalKafka, authority = this.authority): Record<string, string> {
    const { cert, key } = authority.issue(user);
    return {
      KAFKA_BROKERS: kafka.mutualTlsBrokers,
      KAFKA_SSL_CA_FILE: this.caFile,
      KAFKA_SSL_CERT_FILE: this.write(`${user}.crt`, cert),
      KAFKA_SSL_KEY_FILE: this.write(`${user}.key`, key),
    };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  private write(name: string, content: string): string {
    writeFileSync(join(this.dir, name), content);
    return join(this.dir, name);
  }
}
