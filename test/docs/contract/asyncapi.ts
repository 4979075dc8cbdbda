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
        'learn of each whether it was carried out; what may be known of an invitation is published as events. What a ' +
        'recipient does in silence leaves no trace here: see x-silent at each command.',
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
        `Others publish here. CloudEvents 1.0 in binary mode, values of at most ${MAX_MESSAGE_BYTES / 1024} KiB. The key ` +
          'is the id of the account that decides, so that the commands about an account stay in order. Commands of other ' +
          'types on this topic are this service’s own.',
      ),
      messages: named(PUBLIC_COMMANDS),
    },
    outcomes: {
      address: null,
      title: 'Outcomes',
      description:
        'One topic for each publisher, named invitations.outcomes.<anything>, which the publisher creates and names in ' +
        'the header reply-to of its commands. Without that header nobody is answered.',
      messages: named([OUTCOME]),
    },
    deadLetters: {
      ...topic(
        TOPICS.deadLetters,
        'Dead letters',
        'What is no valid command: key, value and headers byte for byte, and beside them where it stood and why it is ' +
          'here. A command that is well-formed but refused is none.',
        { 'max.message.bytes': 2 * 1024 * 1024 },
      ),
      messages: named([DEAD_LETTER]),
    },
    ...Object.fromEntries(
      EVENTS.map((type) => [
        type,
        {
          ...topic(
            EVENT_TYPES[type].topic,
            EVENT_WORDS[type].title,
            `${EVENT_WORDS[type].summary} At least once: pass over a ce_id that was seen.`,
          ),
          messages: named([type]),
        },
      ]),
    ),
    profiles: {
      ...topic(
        TOPICS.profiles,
        'Members',
        'Written by the profile service, read here. Compacted; a null value removes the member. No CloudEvents.',
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
              description: 'A topic invitations.outcomes.<anything>; any other gets nothing.',
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
    [DEAD_LETTER]: operation('send', 'deadLetters', DEAD_LETTER, 'Sets aside what is no valid command.'),
    [PROFILE]: operation(
      'receive',
      'profiles',
      PROFILE,
      'Learns of a member, or that there is none any more.',
    ),
  };
}

/** A message's schema goes by the message's name. */
const componentSchemas = (): Record<string, Schema> =>
  Object.fromEntries(Object.entries(schemas()).map(([name, schema]) => [name.split('/')[1]!, schema]));
