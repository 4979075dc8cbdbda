import { startHost } from './shared/start-host.mjs';

// Jest calls this once before all tests in plain Node, so it cannot be TypeScript, and loads none unless it must.
export default async function () {
  if (process.env.TEST_SERVERS) {
    await import('../environment/native/typescript.mjs');
    const { prepareServers } = await import('./prepare.ts');
    try {
      await prepareServers();
    } catch (error) {
      // One line, in place of Jest's report of a failed set-up.
      console.error(error.message);
      process.exit(1);
    }
  }
  const host = await startHost();
  process.env.SHARED_SERVERS_URL = host.url;
  globalThis.stopSharedServers = () => host.stop();
}
