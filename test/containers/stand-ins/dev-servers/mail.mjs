import { forwardPort } from './forward-port.mjs';

const SMTP_PORT = 11025;
const HTTP_PORT = 18025;

process.argv[2] = JSON.stringify({ smtpPort: SMTP_PORT, httpPort: HTTP_PORT, dataDir: '/tmp/mail' });
await import(new URL('./dist/libs/dev-servers/src/mail/main.js', import.meta.url).href);
forwardPort(1025, SMTP_PORT);
forwardPort(8025, HTTP_PORT);
