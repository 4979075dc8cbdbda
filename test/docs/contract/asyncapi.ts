import { EVENT_TYPES, MAX_MESSAGE_BYTES, PARTITIONS, TOPICS } from '#libs/contracts';
import { BINDING, DEAD_LETTER, messages, OUTCOME, PROFILE, ref, type Ref } from './async-messages.js';
import {
  COMMAND_WORDS,
  CONTRACT_VERSION,
  EVENT_WORDS,
  EVENTS,
  PUBLIC_COMMANDS,
  schemas,
} from './catalogue.js';
import type { Schema } from './json-schema.js';

export interface Channel {
  readonly address: string | null;
  readonly title: string;
  readonly description: string;
  readonly messages: Readonly<Record<string, Ref>>;
  readonly bindings?: {
    readonly kafka: { readonly partitions?: number; readonly topicConfiguration?: object };
  };
  /** Who creates and configures the topic. */
  readonly 'x-owner': string;
  /** What each of its users may do. */
  readonly 'x-acls': readonly Acl[];
}

interface Acl {
  readonly user: string;
  /** Kafka's names of operations. */
  readonly operations: readonly ('Create' | 'Describe' | 'Read' | 'Write')[];
}

const THE_SERVICE = 'the invitations service';
const READ = ['Read', 'Describe'] as const;
const WRITE = ['Write', 'Describe'] as const;

/** The contract as an AsyncAPI 3.0 document, from this service's point of view: it receives commands and sends events. */
export function asyncApi() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Invitations',
      version: CONTRACT_VERSION,
      description:
        'Members of a professional network invite each other to connect. Other services publish commands to Kafka and ' +
        'receive the outcome of each. The service publishes events about what others may know of an invitation. It ' +
        'publishes nothing about commands with x-silent.',
    },
    defaultContentType: 'application/json',
    servers: servers(),
    channels: channels(),
    operations: operations(),
    components: { messages: messages(), schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
  };
}

export type AsyncApi = ReturnType<typeof asyncApi>;

function servers() {
  return {
    production: {
      host: '{brokers}',
      protocol: 'kafka-secure',
      description:
        'SASL_SSL or mutual TLS, whichever the operators of the cluster offer. They also tell the addresses, the authority ' +
        'that signed the certificates, and the prefix of the topics if the installation has one.',
      variables: {
        brokers: { description: 'The bootstrap servers.', default: 'kafka.example:9093' },
      },
      security: Object.keys(SECURITY_SCHEMES).map((name) => ref('components', 'securitySchemes', name)),
    },
    local: {
      host: '127.0.0.1:9092',
      protocol: 'kafka',
      description: 'What npm start prints. PLAINTEXT, without a login.',
    },
  };
}

/** Logins that the apps of this service support, too (docs/secure-connections.md). */
const SECURITY_SCHEMES = {
  scramSha512: { type: 'scramSha512', description: 'SASL_SSL with SCRAM-SHA-512: the recommended login.' },
  scramSha256: { type: 'scramSha256', description: 'SASL_SSL with SCRAM-SHA-256.' },
  plain: { type: 'plain', description: 'SASL_SSL with PLAIN.' },
  oauthBearer: {
    type: 'oauth2',
    description: 'SASL_SSL with OAUTHBEARER and a token of the client-credentials flow.',
    flows: {
      clientCredentials: { tokenUrl: 'https://identity.network.example/token', availableScopes: {} },
    },
  },
  mutualTls: { type: 'X509', description: 'SSL with a client certificate.' },
} as const;

/** How a publisher must compute the partition of a key: any other way breaks the order of an account's commands. */
const PARTITIONER = {
  'x-partitioner': {
    name: 'murmur2_random',
    description:
      'murmur2 over the bytes of the key, modulo the number of partitions: the default of the Java client; ' +
      'partitioner=murmur2_random for clients on librdkafka.',
  },
};

const WEEK_MS = 7 * 86_400_000;

function channels(): Record<string, Channel> {
  return {
    commands: {
      ...topic(
        TOPICS.commands,
        'Commands',
        `Other services publish commands here: CloudEvents 1.0 in binary mode, with values of at most ${MAX_MESSAGE_BYTES / 1024} KiB. ` +
          'The key is the id of the account that decides, so that all commands on an account stay in order. Only this ' +
          'service may publish commands of other types to this topic. Structured mode (application/cloudevents+json) is ' +
          'accepted, too.',
        { 'retention.ms': WEEK_MS, 'max.message.bytes': 1_048_588 },
        PARTITIONER,
      ),
      'x-owner': THE_SERVICE,
      'x-acls': [
        { user: 'publishers of commands', operations: WRITE },
        { user: THE_SERVICE, operations: [...READ, 'Write'] },
      ],
      messages: named(PUBLIC_COMMANDS),
    },
    outcomes: {
      address: null,
      title: 'Outcomes',
      description:
        'One topic for each publisher, named invitations.outcomes.<anything>. The publisher creates the topic and names ' +
        'it in the header reply-to of its commands. A command without this header gets no reply, and every message with it ' +
        'does. More fields and more codes may be added without notice: ignore an unknown field, and treat an unknown code ' +
        'as a refusal that must not be retried.',
      'x-owner': 'the publisher of the commands',
      'x-acls': [
        { user: 'the publisher of the commands', operations: ['Create', ...READ] },
        { user: THE_SERVICE, operations: WRITE },
      ],
      messages: named([OUTCOME]),
    },
    deadLetters: {
      ...topic(
        TOPICS.deadLetters,
        'Dead letters',
        'Messages that are not valid commands, or that the running version cannot decide, with their key, value and ' +
          'headers byte for byte. Additional headers contain the origin and the reason. A valid command that is refused ' +
          'is not a dead letter.',
        { 'retention.ms': 7 * 86_400_000, 'max.message.bytes': 2 * 1024 * 1024 },
      ),
      'x-owner': THE_SERVICE,
      'x-acls': [
        { user: THE_SERVICE, operations: [...READ, 'Write'] },
        { user: 'publishers of commands, if their operators allow it', operations: READ },
      ],
      messages: named([DEAD_LETTER]),
    },
    ...Object.fromEntries(
      EVENTS.map((type) => [
        type,
        {
          ...topic(
            TOPICS[EVENT_TYPES[type].topic],
            EVENT_WORDS[type].title,
            `${EVENT_WORDS[type].summary} Delivery is at least once: after a crash, an event may be published again with the same ce_id. Skip a ce_id that you have seen.`,
            { 'retention.ms': WEEK_MS },
          ),
          'x-owner': THE_SERVICE,
          'x-acls': [
            { user: THE_SERVICE, operations: [...READ, 'Write'] },
            { user: 'consumers of events', operations: READ },
          ],
          messages: named([type]),
        },
      ]),
    ),
    profiles: {
      ...topic(
        TOPICS.profiles,
        'Members',
        'Profiles of members, which the profile service publishes. The topic is compacted, and a null value removes the member. The messages are not CloudEvents.',
        { 'cleanup.policy': ['compact'] },
        PARTITIONER,
      ),
      'x-owner': 'the profile service',
      'x-acls': [
        { user: 'the profile service', operations: WRITE },
        { user: THE_SERVICE, operations: READ },
      ],
      messages: named([PROFILE]),
    },
  };
}

const topic = (
  address: string,
  title: string,
  description: string,
  topicConfiguration: object,
  extensions: object = {},
) => ({
  address,
  title,
  description,
  bindings: {
    kafka: {
      topic: address,
      partitions: PARTITIONS,
      topicConfiguration,
      ...extensions,
      ...BINDING,
    },
  },
});

const named = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, ref('components', 'messages', name)]));

const operation = (action: 'send' | 'receive', channel: string, message: string, summary: string) => ({
  action,
  summary,
  channel: ref('channels', channel),
  messages: [ref('channels', channel, 'messages', message)],
});

function operations() {
  return {
    ...Object.fromEntries(
      PUBLIC_COMMANDS.map((type) => [
        type,
        {
          ...operation('receive', 'commands', type, COMMAND_WORDS[type].summary),
          reply: {
            address: {
              location: '$message.header#/reply-to',
              description:
                'An existing topic invitations.outcomes.<anything>. The service publishes no replies to other topics.',
            },
            channel: ref('channels', 'outcomes'),
            messages: [ref('channels', 'outcomes', 'messages', OUTCOME)],
          },
        },
      ]),
    ),
    ...Object.fromEntries(
      EVENTS.map((type) => [type, operation('send', type, type, EVENT_WORDS[type].summary)]),
    ),
    [DEAD_LETTER]: operation(
      'send',
      'deadLetters',
      DEAD_LETTER,
      'Publishes a message that is not a valid command as a dead letter.',
    ),
    [PROFILE]: operation(
      'receive',
      'profiles',
      PROFILE,
      'Stores the profile of a member, or removes the member.',
    ),
  };
}

/** Each schema has the name of its message. */
const componentSchemas = (): Record<string, Schema> =>
  Object.fromEntries(Object.entries(schemas()).map(([name, schema]) => [name.split('/')[1]!, schema]));
