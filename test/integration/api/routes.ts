import diagnostics from 'node:diagnostics_channel';
import type { FastifyInstance, HTTPMethods } from 'fastify';

export interface Route {
  readonly method: HTTPMethods;
  /** The path as it is declared, with `:parameters`. */
  readonly path: string;
}

/** Collects the routes of every app that is created from now on, as the server has registered them. */
export function collectRoutes(): Route[] {
  const routes: Route[] = [];
  diagnostics.subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push({ method: one, path: url });
    });
  });
  return routes;
}

export type Kind = 'bearer' | 'operator' | 'session' | 'link' | 'open';

/**
 * The access rules of routes. A route that is not listed needs a session, or a token below /v1, so a new route is
 * closed by default.
 */
export function kindOf({ path }: Route): Kind {
  if (path.startsWith('/v1/accounts/')) return 'operator';
  if (path.startsWith('/v1/')) return 'bearer';
  if (path === '/l/:token') return 'link';
  if (['/healthz', '/readyz', '/metrics', '/docs', '/docs-json'].includes(path)) return 'open';
  if (path.startsWith('/docs/') || /^\/pages\/[0-9a-f]+\.(?:js|svg)$/.test(path)) return 'open';
  return 'session';
}

const ID = 'ann.00000000-0000-4000-8000-00000000000a';

/** Returns a URL of the route. */
export function addressOf({ path }: Route): string {
  if (path.startsWith('/v1/accounts/')) return path.replace(':id', 'ann');
  return path
    .replace(':id', ID)
    .replace(':commandId', '00000000-0000-4000-8000-00000000000b')
    .replace(':token', 'none')
    .replace('*', 'none');
}
