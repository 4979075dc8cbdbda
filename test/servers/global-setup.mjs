// Jest calls this once before all tests, on Node as it is: hence no TypeScript here, and none loaded without need.
export default async function () {
  if (!process.env.TEST_SERVERS) return;
  await import('../tools/typescript.mjs');
  const { prepareServers } = await import('./prepare.ts');
  try {
    await prepareServers();
  } catch (error) {
    // One line, in place of Jest's account of a failed set-up.
    console.error(error.message);
    process.exit(1);
  }
}
