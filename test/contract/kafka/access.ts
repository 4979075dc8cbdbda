import { readFileSync } from 'node:fs';
import type { KafkaConfig as KafkajsConfig } from 'kafkajs';
import { WithKafka } from '#libs/kafka';
import { loadConfig, NoConfig } from '#libs/platform';

class Config extends WithKafka(NoConfig) {}

/** How the clients of a suite connect: with TLS and a login, each if it is given. */
export interface KafkaAccess {
  readonly caFile?: string | undefined;
  readonly login?: { readonly username: string; readonly password: string } | undefined;
}

/**
 * Returns the access that the variables of the apps describe (docs/secure-connections.md), as far as the raw protocol client knows
 * it: TLS with a CA file, and the mechanism PLAIN.
 */
export function accessFrom(env: NodeJS.ProcessEnv): KafkaAccess {
  if (env['KAFKA_BROKERS'] === undefined) return {};
  const config = loadConfig(Config, env);
  if (config.KAFKA_SSL_CERT_FILE !== undefined) throw new Error('these suites have no client certificate');
  if (config.KAFKA_SASL_MECHANISM === undefined) return { caFile: config.KAFKA_SSL_CA_FILE };
  if (config.KAFKA_SASL_MECHANISM !== 'plain') {
    throw new Error(`KAFKA_SASL_MECHANISM is plain for these suites, not ${config.KAFKA_SASL_MECHANISM}`);
  }
  return {
    caFile: config.KAFKA_SSL_CA_FILE,
    login: {
      username: config.KAFKA_SASL_USERNAME!,
      password: readFileSync(config.KAFKA_SASL_PASSWORD_FILE!, 'utf8').trimEnd(),
    },
  };
}

export const kafkajsOptions = ({ caFile, login }: KafkaAccess): Pick<KafkajsConfig, 'ssl' | 'sasl'> => ({
  ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
  ...(login === undefined ? {} : { sasl: { mechanism: 'plain', ...login } }),
});

/** Arguments of kcat and other clients on librdkafka. */
export function librdkafkaOptions({ caFile, login }: KafkaAccess): string[] {
  const protocol = `${login === undefined ? '' : 'SASL_'}${caFile === undefined ? 'PLAINTEXT' : 'SSL'}`;
  const settings = {
    'security.protocol': protocol,
    ...(caFile === undefined ? {} : { 'ssl.ca.location': caFile }),
    ...(login === undefined
      ? {}
      : {
          'sasl.mechanisms': 'PLAIN',
          'sasl.username': login.username,
          'sasl.password': login.password,
        }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`]);
}
