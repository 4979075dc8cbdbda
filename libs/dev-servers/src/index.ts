export { startEventStore } from './eventstore/start.js';
export { startKafka } from './kafka/start.js';
export { startMail } from './mail/start.js';
export { stopLeftBehind as stopLeftBehindPostgres } from './postgres/cluster-home.js';
export { startPostgres } from './postgres/start.js';
export type { DevServer, LaunchOptions } from './process/dev-server.js';
export { LOCK_FILE, lockDataDir } from './process/data-dir-lock.js';
export { listen } from './process/listen.js';
