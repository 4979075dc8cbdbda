// The development event store as a command: `node test/support/servers/dev-event-store.mjs PORT DIRECTORY`. It is an example
// for EVENTSTORE_COMMAND (docs/contributing.md), and the command that tests use.
const [, , port, dataDir] = process.argv;
process.argv[2] = JSON.stringify({ port: Number(port), dataDir });
// A computed path, because checks of imports also run before a build.
await import(new URL('../../../dist/libs/dev-servers/src/eventstore/main.js', import.meta.url).href);
