export { startEventStore } from './eventstore/start.js';
export { startKafka } from './kafka/start.js';
export { startMail } from './mail/start.js';
export { startPostgres } from './postgres/start.js';
export type { DevServer, LaunchOptions } from './process/dev-server.js';
