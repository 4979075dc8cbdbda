const KNOWN = ['containers', 'kafka', 'postgres'] as const;

export type RealServers = (typeof KNOWN)[number];

/**
 * What `TEST_SERVERS` asks for, comma separated: `containers` for all servers from Docker images; `kafka` and `postgres`
 * for these as processes of this machine, without Docker. What it does not name is a development server.
 * @throws on a word that it does not know
 */
export function realServers(wanted = process.env['TEST_SERVERS'] ?? ''): ReadonlySet<RealServers> {
  const words = wanted.split(',').filter((word) => word !== '');
  const unknown = words.find((word) => !KNOWN.includes(word as RealServers));
  if (unknown !== undefined) {
    throw new Error(`TEST_SERVERS may name ${KNOWN.join(', ')}, not ${unknown}`);
  }
  return new Set(words as RealServers[]);
}
