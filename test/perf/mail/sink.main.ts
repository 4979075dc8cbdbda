import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/* The SMTP server for both candidates: it accepts every e-mail, stores none, and reports their number to its parent. */

const TELL_MS = 10;

let mails = 0;
let bytes = 0;
const server = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  maxClients: 1_000,
  onData(stream, _session, done) {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('end', () => {
      mails += 1;
      done();
    });
  },
});
server.on('error', () => undefined);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.server.address() as AddressInfo;
  setInterval(() => process.send!({ port, mails, bytes }), TELL_MS);
});
process.once('SIGTERM', () => process.exit());
