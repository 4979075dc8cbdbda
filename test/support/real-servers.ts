const KNOWN = ['containers', 'kafka', 'postgres', 'postgres-tls', 'pgbouncer'] as const;

export type RealServers = (typeof KNOWN)[number];

/**
 * Parses `TEST_SERVERS`, comma separated: `containers` for all servers from Docker images; `kafka` and `postgres` for
 * these as processes of this machine, without Docker. Other servers are development servers. With `postgres-tls`, PostgreSQL
 * only accepts TLS and certificates of clients; with `pgbouncer`, it is behind PgBouncer in transaction mode.
 * @throws for an unknown word
 */
export function realServers(wanted = process.env['TEST_SERVERS'] ?? ''): ReadonlySet<RealServers> {
  const words = wanted.split(',').filter((word) => word !== '');
  const unknown = words.find((word) => !KNOWN.includes(word as RealServers));
  if (unknown !== undefined) {
    throw new Error(`TEST_SERVERS may name ${KNOWN.join(', ')}, not ${unknown}`);
  }
  return new Set(words as RealServers[]);
}
