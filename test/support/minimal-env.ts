import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * The folder in which Node caches compiled code, which shortens the start of every later process. Not in the
 * environment of jest's workers, which would write it while they end. Coverage needs freshly compiled code.
 */
export const COMPILE_CACHE: Readonly<Record<string, string>> = process.env['TEST_ISOLATED']
  ? {}
  : { NODE_COMPILE_CACHE: join(tmpdir(), `invitations-code-${userInfo().uid}`) };

/** Returns the environment of a process that must not see the test runner's variables: only PATH. */
export const minimalEnv = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  ...COMPILE_CACHE,
});
