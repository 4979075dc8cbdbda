import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import { faultsOf } from './support/schemas.js';
import { entriesOf, withPods } from './support/workloads.js';
import { PROJECT, textOf, type Manifest } from './support/files.js';
import { claimsOf } from './support/installation.js';
import type { KafkaUser } from './support/kafka-users.js';
import { rendered, renderedFresh } from './support/kustomize.js';
import { GROUPS } from './support/label-values.js';

const manifests = {
  production: rendered('deploy/kubernetes/overlays/production'),
  development: rendered('deploy/kubernetes/overlays/development'),
  staging: rendered('test/deploy/overlays/staging'),
};
type Name = keyof typeof manifests;
const claims = {
  production: claimsOf(manifests.production),
  development: claimsOf(manifests.development),
  staging: claimsOf(manifests.staging),
};
const names = Object.keys(manifests) as Name[];
const prefixes: Readonly<Record<Name, string>> = {
  production: '',
  development: 'development.',
  staging: 'staging.',
};
const pairs = names.flatMap((one, index) =>
  names.slice(index + 1).map((other): [Name, Name] => [one, other]),
);

/** The settings that every installation must choose. */
const REQUIRED = [
  'KAFKA_BROKERS',
  'TOPIC_PREFIX',
  'GROUP_PREFIX',
  'PUBLIC_URL',
  'SIGN_IN_URL',
  'AUTH_ISSUER',
  'AUTH_AUDIENCE',
  'AUTH_JWKS',
  'MAIL_FROM',
];

describe('the base', () => {
  it('has no value for what an installation must choose', () => {
    const base = entriesOf('deploy/kubernetes/base/config.env');
    expect(REQUIRED.filter((name) => Object.hasOwn(base, name))).toEqual([]);
    for (const name of REQUIRED)
      expect(entriesOf('deploy/kubernetes/overlays/production/settings/settings.env')).toHaveProperty(name);
  });

  it('alone belongs to nobody: no host, namespace, priority or broker', () => {
    const base = rendered('deploy/kubernetes/base');
    expect(JSON.stringify(base)).not.toMatch(/\.example|bootstrap|"kafka"/);
    expect(JSON.stringify(base)).toContain('"host":"unset"');
  });
});

describe.each(names)('the installation %s', (name) => {
  it('has every setting in its place', () => {
    expect(JSON.stringify(manifests[name])).not.toMatch(/\bunset\b/);
  });

  it('consists of valid manifests', async () => {
    for (const manifest of manifests[name])
      expect([manifest, await faultsOf(manifest)]).toEqual([manifest, []]);
  });

  it('has the labels that operators and Argo CD look for on every object', () => {
    const expected = {
      'app.kubernetes.io/part-of': 'invitations',
      'app.kubernetes.io/managed-by': 'kustomize',
      'app.kubernetes.io/instance': claims[name].namespaces[0],
      'app.kubernetes.io/version': expect.stringMatching(/^\d+\.\d+\.\d+/),
    };
    for (const { kind, metadata } of manifests[name]) {
      expect([kind, metadata.name, metadata.labels]).toEqual([
        kind,
        metadata.name,
        expect.objectContaining(expected),
      ]);
    }
    for (const { spec } of withPods(manifests[name])) {
      expect(spec.template.metadata.labels).toMatchObject({
        ...expected,
        'app.kubernetes.io/name': expect.any(String),
        'app.kubernetes.io/component': expect.any(String),
      });
    }
  });

  it('migrates in a Job of its version, which Argo CD runs before the rest', () => {
    const [job, ...others] = manifests[name].filter(({ kind }) => kind === 'Job');
    expect(others).toEqual([]);
    const version = job!.metadata.labels!['app.kubernetes.io/version'];
    expect(job!.metadata.name).toMatch(new RegExp(`^migrate-${version}-[a-z0-9]{10}$`));
    expect(job!.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/hook': 'PreSync' });
  });

  it('gives every pod that stays its priority', () => {
    const classes = claims[name].priorityClasses;
    expect(classes).toEqual(claims[name].namespaces);
    const text = JSON.stringify(manifests[name]);
    expect(new Set([...text.matchAll(/"priorityClassName":"([^"]*)"/g)].map(([, value]) => value))).toEqual(
      new Set(classes),
    );
  });

  it('gives all its apps its own prefixes', () => {
    for (const env of claims[name].environments.values()) {
      expect(env).toMatchObject({ TOPIC_PREFIX: prefixes[name], GROUP_PREFIX: prefixes[name] });
    }
  });
});

describe.each(['production', 'staging'] as const)('scaling and alerts of %s', (name) => {
  const { groups, topics, expressions, namespaces } = claims[name];

  it('query its own consumer groups and topics', () => {
    expect(groups).toEqual(GROUPS.map((group) => prefixes[name] + group).toSorted());
    const own = new Topics(prefixes[name]);
    expect(topics).toEqual([own.commands, own.profiles].toSorted());
  });

  it('name its own namespace, or its prefix, in the first matcher of each expression and nowhere else', () => {
    expect(expressions.length).toBeGreaterThan(30);
    for (const expr of expressions) {
      const first = /^[^"]*?(\w+)(?:=~?)"([^"]*)"/.exec(expr)!;
      const expected: Readonly<Record<string, string>> = {
        namespace: namespaces[0]!,
        consumergroup: `(?:)${prefixes[name]}(?:)(command|notification|projector-members)`,
        topic: `(?:)${prefixes[name]}(?:)invitations.commands.dead-letter`,
      };
      expect([expr, first[2]]).toEqual([expr, expected[first[1]!]]);
      expect(expr.slice(first[0].length)).not.toMatch(/namespace=|consumergroup=|topic=/);
    }
  });

  it('match no group of another installation on the same broker', () => {
    const matchers = expressions.flatMap((expr) => /consumergroup=~"([^"]*)"/.exec(expr)?.[1] ?? []);
    expect(matchers).not.toEqual([]);
    for (const matcher of matchers) {
      const pattern = new RegExp(`^(?:${matcher})$`);
      for (const other of names) {
        for (const group of GROUPS) expect(pattern.test(prefixes[other] + group)).toBe(other === name);
      }
    }
  });
});

describe('the migration Job', () => {
  const folder = mkdtempSync(join(tmpdir(), 'test-overlay-'));
  const settings = join(folder, 'kubernetes/overlays/production/settings/kustomization.yaml');
  beforeAll(() => {
    for (const part of ['kubernetes', 'grafana'])
      cpSync(join(PROJECT, 'deploy', part), join(folder, part), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Renders production's overlay after a change of its settings. */
  function jobAfter(change: (text: string) => string): Manifest {
    const before = readFileSync(settings, 'utf8');
    writeFileSync(settings, change(before));
    const found = renderedFresh(join(folder, 'kubernetes/overlays/production'));
    writeFileSync(settings, before);
    return found.find(({ kind }) => kind === 'Job')!;
  }

  it('is the same when it is rendered again, so that a second apply changes nothing', () => {
    const job = manifests.production.find(({ kind }) => kind === 'Job');
    expect(jobAfter((text) => text)).toEqual(job);
  });

  it.each([
    ['the version', (text: string) => text.replace('version: 0.1.0', 'version: 0.1.1')],
    [
      'the digest of its image, under the same version',
      (text: string) => text.replace(/(migrate\n +digest: sha256:)0/, '$11'),
    ],
  ])('has another name after a change of %s, because a Job cannot be changed', (_what, change) => {
    const [before, after] = [jobAfter((text) => text), jobAfter(change)];
    expect(after.spec).not.toEqual(before.spec);
    expect(after.metadata.name).not.toBe(before.metadata.name);
  });

  it('keeps its name after a change of the digest of another image', () => {
    const after = jobAfter((text) => text.replace(/(api\n +digest: sha256:)0/, '$11'));
    expect(after.metadata.name).toBe(jobAfter((text) => text).metadata.name);
  });
});

describe('two installations', () => {
  it.each(pairs)('share no host, namespace, issuer, group, topic or priority: %s and %s', (one, other) => {
    for (const claim of ['namespaces', 'hosts', 'issuer', 'groups', 'topics', 'priorityClasses'] as const) {
      const shared = claims[one][claim].filter((value) => claims[other][claim].includes(value));
      expect([claim, shared]).toEqual([claim, []]);
    }
  });

  it('have topics of their own, also those that are applied separately', () => {
    const topicsIn = (folder: string) => rendered(folder).map(({ metadata }) => metadata.name);
    expect(topicsIn('deploy/kubernetes/topics').toSorted()).toEqual([...new Topics().names].toSorted());
    expect(topicsIn('deploy/kubernetes/overlays/development/topics').toSorted()).toEqual(
      [...new Topics(prefixes.development).names].toSorted(),
    );
  });

  it('have users of their own, with rights to their own topics and groups', () => {
    const users = (folder: string) => rendered(folder) as unknown as (Manifest & KafkaUser)[];
    const namesIn = (user: KafkaUser) => user.spec.authorization.acls.map(({ resource }) => resource.name);
    const own = users('deploy/kubernetes/users');
    const prefixed = users('deploy/kubernetes/overlays/development/users');
    expect(own.length).toBeGreaterThan(4);
    const byName = new Map(prefixed.map((user) => [user.metadata.name, user]));
    for (const user of own) {
      const other = byName.get(`${prefixes.development}${user.metadata.name}`)!;
      expect(namesIn(other)).toEqual(namesIn(user).map((name) => `${prefixes.development}${name}`));
    }
    expect(prefixed).toHaveLength(own.length);
  });

  it('let development reach none of the servers of production', () => {
    const text = (name: Name) => JSON.stringify(manifests[name]);
    const servers = (name: Name) => [
      ...Object.values(entriesOf(`deploy/kubernetes/overlays/${name}/settings/cluster.env`)).slice(0, 3),
      entriesOf(`deploy/kubernetes/overlays/${name}/settings/settings.env`)['KAFKA_BROKERS']!,
    ];
    for (const server of servers('production')) expect(text('development')).not.toContain(`"${server}"`);
    for (const server of servers('development')) expect(text('development')).toContain(`"${server}"`);
  });

  it('are shown in the form in which images are named: by digest in production', () => {
    expect(textOf('deploy/kubernetes/overlays/production/settings/kustomization.yaml')).toMatch(
      /digest: sha256:[0-9a-f]{64}/,
    );
  });
});

describe('KEDA', () => {
  it('finds the prefixes above the variables that refer to them, in the same container', () => {
    // KEDA expands $(NAME) like Kubernetes, from envFrom and the variables above (pkg/scaling/resolver/scale_resolvers.go).
    const referring = withPods(manifests.staging).flatMap(({ spec }) =>
      spec.template.spec.containers.flatMap(({ env }) =>
        env.flatMap(({ name, value }, index) => {
          const [, prefix] = /^\$\((\w+_PREFIX)\)/.exec(value ?? '') ?? [];
          return prefix === undefined
            ? []
            : [
                {
                  name,
                  isAbove:
                    env.findIndex((one) => one.name === prefix) < index &&
                    env.some((one) => one.name === prefix),
                },
              ];
        }),
      ),
    );
    expect(new Set(referring.map(({ name }) => name))).toEqual(
      new Set(['KEDA_CONSUMER_GROUP', 'KEDA_TOPIC']),
    );
    for (const one of referring) expect(one).toEqual({ name: one.name, isAbove: true });
  });

  it('adds its login to every trigger of Kafka, in an overlay that asks for it', () => {
    const triggers = manifests.staging.flatMap(({ kind, spec }) =>
      kind === 'ScaledObject'
        ? (spec as { triggers: { type: string; authenticationRef?: { name: string } }[] }).triggers
        : [],
    );
    const kafka = triggers.filter(({ type }) => type === 'kafka');
    expect(kafka).toHaveLength(3);
    for (const { authenticationRef } of kafka) expect(authenticationRef).toEqual({ name: 'kafka' });
    expect(manifests.staging.filter(({ kind }) => kind === 'TriggerAuthentication')).toHaveLength(1);
    expect(JSON.stringify(manifests.production)).not.toContain('authenticationRef');
  });

  it('keeps replicas when a trigger has no value, and takes no missing series for a lag of 0', () => {
    for (const { kind, metadata, spec } of manifests.production) {
      if (kind !== 'ScaledObject') continue;
      const { fallback, triggers } = spec as {
        fallback?: { replicas: number };
        triggers: { type: string; metadata: Record<string, string> }[];
      };
      // KEDA has no fallback for the CPU, which the metrics server measures.
      if (triggers.every(({ type }) => type === 'cpu')) continue;
      expect([metadata.name, fallback?.replicas]).toEqual([metadata.name, 4]);
      for (const trigger of triggers.filter(({ type }) => type === 'prometheus'))
        expect(trigger.metadata['ignoreNullValues']).toBe('false');
    }
  });
});
