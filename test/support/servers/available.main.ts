import { KAFKA_VERSION, whyNoKafka } from './kafka/fetch.js';
import { installedPostgres, LEAST_POSTGRES } from './postgres/installed.js';

// For scripts: prints which servers can run here, or fails and prints the reason.
const [asked] = process.argv.slice(2);
const [found, missing] =
  asked === 'kafka'
    ? [`Apache Kafka ${KAFKA_VERSION}`, whyNoKafka()]
    : [`PostgreSQL in ${installedPostgres()}`, installedPostgres() ? undefined : noPostgres()];
console.log(missing ?? found);
process.exitCode = missing === undefined ? 0 : 1;

function noPostgres(): string {
  return `DATABASE_URL is not given, and no PostgreSQL from version ${LEAST_POSTGRES} on is installed`;
}
