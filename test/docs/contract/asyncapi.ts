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
}

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
    channels: channels(),
    operations: operations(),
    components: { messages: messages(), schemas: componentSchemas() },
  };
}

export type AsyncApi = ReturnType<typeof asyncApi>;

function channels(): Record<string, Channel> {
  return {
    commands: {
      ...topic(
        TOPICS.commands,
        'Commands',
        `Other services publish commands here: CloudEvents 1.0 in binary mode, with values of at most ${MAX_MESSAGE_BYTES / 1024} KiB. ` +
          'The key is the id of the account that decides, so that all commands on an account stay in order. Only this ' +
          'service may publish commands of other types to this topic.',
      ),
      messages: named(PUBLIC_COMMANDS),
    },
    outcomes: {
      address: null,
      title: 'Outcomes',
      description:
        'One topic for each publisher, named invitations.outcomes.<anything>. The publisher creates the topic and names ' +
        'it in the header reply-to of its commands. A command without this header gets no reply.',
      messages: named([OUTCOME]),
    },
    deadLetters: {
      ...topic(
        TOPICS.deadLetters,
        'Dead letters',
        'Messages that are not valid commands, or that the running version cannot decide, with their key, value and ' +
          'headers byte for byte. Additional headers contain the origin and the reason. A valid command that is refused ' +
          'is not a dead letter.',
        { 'max.message.bytes': 2 * 1024 * 1024 },
      ),
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
          ),
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
      ),
      messages: named([PROFILE]),
    },
  };
}

const topic = (address: string, title: string, description: string, topicConfiguration?: object) => ({
  address,
  title,
  description,
  bindings: {
    kafka: {
      topic: address,
      partitions: PARTITIONS,
      ...(topicConfiguration === undefined ? {} : { topicConfiguration }),
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
