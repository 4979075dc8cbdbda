import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { createAppEnvironments } from '../../apps/standalone/src/apps/app-environments.js';
import { rendered } from './support/kustomize.js';
import { APPS, configMapIn, environmentOf, workloadsOf, type AppName } from './support/workloads.js';

const apps = Object.keys(APPS) as AppName[];
const load = (app: AppName, env: NodeJS.ProcessEnv) =>
  loadConfig<object>(APPS[app].Config, env) as Record<string, unknown>;

describe('an app in production', () => {
  const manifests = rendered('deploy/kubernetes/overlays/production');
  const { data = {} } = configMapIn(manifests);
  const environment = (app: AppName) => {
    const { template } = workloadsOf(manifests).find(({ metadata }) => metadata.name.startsWith(app))!.spec;
    return environmentOf(template.spec.containers[0]!, template.metadata.labels, data);
  };

  it.each(['api', 'notification'] as const)(
    'does not start without the secret of the internal routes: %s',
    (app) => {
      const { INTERNAL_SECRETS, ...others } = environment(app);
      expect(INTERNAL_SECRETS).toBe(environment('api')['INTERNAL_SECRETS']);
      expect(() => load(app, others)).toThrow('INTERNAL_SECRETS');
      expect(() => load(app, { ...others, INTERNAL_SECRETS: 'short' })).toThrow('INTERNAL_SECRETS');
    },
  );

  it.each(['api', 'notification'] as const)('does not start with addresses that are not https: %s', (app) => {
    const env = environment(app);
    expect(() => load(app, env)).not.toThrow();
    expect(() => load(app, { ...env, PUBLIC_URL: 'http://invitations.example' })).toThrow(
      'PUBLIC_URL must be an https URL',
    );
  });

  it('signs members in on the host of its pages, the only one that can set the session cookie', () => {
    const { SIGN_IN_URL, PUBLIC_URL } = environment('api');
    expect(new URL(SIGN_IN_URL!).host).toBe(new URL(PUBLIC_URL!).host);
  });

  it.each(apps)('listens on the address of its pod: %s', (app) => {
    expect(load(app, environment(app))['HOST']).toBe('0.0.0.0');
  });
});

describe('an app of the standalone service', () => {
  const secrets = {
    linkKeys: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
    textKeys: `t1:${Buffer.alloc(32, 7).toString('base64url')}`,
    internalSecret: 's'.repeat(43),
  };
  const servers = {
    kafka: '127.0.0.1:9092',
    eventStore: {
      command: { EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false' },
      projector: { EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false' },
    },
    postgres: 'postgres://127.0.0.1/x',
    smtp: 'smtp://127.0.0.1:1025',
    mail: 'http://127.0.0.1:8025',
  };
  const ports = { api: 3000, command: 8081, projector: 8082, notification: 8083 };
  const environments = createAppEnvironments(servers, ports, 'http://127.0.0.1:3001/sign-in', secrets);

  it.each(apps)('listens on 127.0.0.1 only: %s', (app) => {
    expect(load(app, environments[app])).toMatchObject({ HOST: '127.0.0.1' });
  });

  it('shares the internal secret between api and notification only', () => {
    for (const app of ['api', 'notification'] as const) {
      expect(environments[app]['INTERNAL_SECRETS']).toBe(secrets.internalSecret);
    }
    expect(environments.command).not.toHaveProperty('INTERNAL_SECRETS');
  });
});
