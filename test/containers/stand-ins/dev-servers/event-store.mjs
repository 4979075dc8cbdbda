import { forwardPort } from './forward-port.mjs';

const PORT = 12113;

process.argv[2] = JSON.stringify({ port: PORT, dataDir: '/var/lib/eventstore' });
await import(new URL('./dist/libs/dev-servers/src/eventstore/main.js', import.meta.url).href);
forwardPort(2113, PORT);
