import type { ApiConfig } from '../config.js';

/**
 * Where to sign in; undefined when nobody has told us.
 * @param path of the page to come back to
 */
export function signInUrl(config: ApiConfig, path: string): string | undefined {
  if (config.SIGN_IN_URL === undefined) return undefined;
  const url = new URL(config.SIGN_IN_URL);
  const home = new URL('/', config.PUBLIC_URL);
  const back = new URL(path, home);
  // A path may be written so that it names another host.
  url.searchParams.set('return', (back.origin === home.origin ? back : home).href);
  return url.href;
}
