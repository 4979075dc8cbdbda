import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy before PostgreSQL that delays each COMMIT by DELAY_MS, so that a batch takes longer but no more CPU time. */
const { TARGET_PORT, DELAY_MS } = process.env as Record<string, string>;

const server = createServer((client) => {
  const upstream = connect(Number(TARGET_PORT), '127.0.0.1').setNoDelay();
  client.setNoDelay();
  upstream.on('data', (data) => client.write(data));
  client.on('data', (data) => {
    if (data.includes('COMMIT')) setTimeout(() => upstream.write(data), Number(DELAY_MS));
    else upstream.write(data);
  });
  endTogether(client, upstream);
  endTogether(upstream, client);
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit());

function endTogether(one: Socket, other: Socket): void {
  one.on('error', () => undefined);
  one.on('close', () => other.destroy());
}
