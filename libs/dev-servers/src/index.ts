export { openEventStore } from './eventstore/open-event-store.js';
export { openKafka } from './kafka/open-kafka.js';
export { openMail } from './mail/open-mail.js';
export { stopStalePostgres } from './postgres/fallback-data-dir.js';
export { LOCK_FILE, lockDataDir } from './process/data-dir-lock.js';
export { listen } from './process/listen.js';
export type { DevServer, LaunchOptions, RunningServer } from './process/server-process.js';
export { startEventStore, startKafka, startMail, startPostgres } from './start-servers.js';
