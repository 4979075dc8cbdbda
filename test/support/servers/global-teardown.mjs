// Jest calls this once after all tests, in the process of the global set-up.
export default () => globalThis.stopSharedServers();
