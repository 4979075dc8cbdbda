import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Topics, PARTITIONS, TOPICS } from '#libs/contracts';
import { topicSettings } from '../../apps/standalone/src/servers/provisioning.js';
import { asyncApi } from '../docs/contract/asyncapi.js';
import { documentsOf, textOf } from './support/files.js';

interface Topic {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly partitions: number; readonly config: Readonly<Record<string, string | number>> };
}

const TOPIC_SETTINGS = topicSettings(new Topics());
const topics = documentsOf(textOf('deploy/kubernetes/topics/topics.yaml')) as Topic[];
const topicOf = (name: string) => topics.find(({ metadata }) => metadata.name === name)!;

describe('the topics of a deployment', () => {
  it('are those of the contract and no others (R20, R30, R33)', () => {
    expect(topics.map(({ metadata }) => metadata.name).toSorted()).toEqual(Object.values(TOPICS).toSorted());
  });

  it.each(Object.values(TOPICS))('have the partitions of the contract: %s', (name) => {
    expect(topicOf(name).spec.partitions).toBe(PARTITIONS);
  });

  it.each(Object.values(TOPICS))('have the settings that the contract promises: %s', (name) => {
    const channel = Object.values(asyncApi().channels).find(({ address }) => address === name)!;
    const { config } = topicOf(name).spec;
    for (const [setting, value] of Object.entries(channel.bindings!.kafka.topicConfiguration!)) {
      expect([setting, String(config[setting])]).toEqual([setting, String(value)]);
    }
  });

  it('accept every command as a dead letter, which has more headers', () => {
    const limit = (name: string) => Number(topicOf(name).spec.config['max.message.bytes']);
    expect(limit(TOPICS.deadLetters)).toBeGreaterThanOrEqual(limit(TOPICS.commands) + 1_000_000);
  });

  it('keep the last profile of every member', () => {
    expect(topicOf(TOPICS.profiles).spec.config['cleanup.policy']).toBe('compact');
  });

  it.each(Object.entries(TOPIC_SETTINGS))(
    'have the settings of the standalone service: %s',
    (name, settings) => {
      for (const setting of settings!) {
        expect(String(topicOf(name).spec.config[setting.name])).toBe(setting.value);
      }
    },
  );
});

describe('the topics of deploy/compose.yaml', () => {
  const { services } = parse(textOf('deploy/compose.yaml'), { merge: true }) as {
    services: { topics: { command: string[] } };
  };
  const script = services.topics.command[0]!;
  const made = [...script.matchAll(/^create (\S+)(.*)$/gm)].map(([, name, rest]) => ({
    name: name!,
    rest: rest!,
  }));

  it('have the same names', () => {
    expect(made.map(({ name }) => name).toSorted()).toEqual(Object.values(TOPICS).toSorted());
    expect(script).toContain(`--partitions ${PARTITIONS} `);
  });

  it('have the same settings', () => {
    for (const [name, settings] of Object.entries(TOPIC_SETTINGS)) {
      const options = settings!.map((setting) => ` --config ${setting.name}=${setting.value}`).join('');
      expect(made).toContainEqual({ name, rest: options });
    }
  });
});
