import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const COMPOSE = resolve(import.meta.dirname, '../../../../deploy/compose.yaml');

/** The services of deploy/compose.yaml whose images the tests run. */
export const SERVERS = ['eventstore', 'kafka', 'postgres', 'mailpit'] as const;

interface Service {
  readonly image: string;
  readonly platform?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const { services } = parse(readFileSync(COMPOSE, 'utf8'), { merge: true }) as {
  services: Record<(typeof SERVERS)[number], Service>;
};

/** Returns the image and the environment of a service, so that the tests use what is deployed. */
export const composed = (server: (typeof SERVERS)[number]): Service => services[server];
