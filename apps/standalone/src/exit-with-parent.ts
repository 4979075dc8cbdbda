// Loaded before an app (`node --import`): when the supervisor is gone, however it went, the app goes too. The app itself
// knows nothing of a supervisor.
const LAST_WORD_MS = 5_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), LAST_WORD_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
// The channel alone is no reason to stay.
process.channel?.unref();
