// Loaded before an app (`node --import`): stops the app when the supervisor has ended for any reason. The app itself
// knows nothing of a supervisor.
const LAST_WORD_MS = 5_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), LAST_WORD_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
// The channel alone does not keep the app running.
process.channel?.unref();
