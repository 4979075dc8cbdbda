import { randomUUID } from 'node:crypto';
import type { IHeaders, Message } from 'kafkajs';
import { TOPICS } from '#libs/contracts';
import { profile, type PublishingService } from '../support/publisher.js';

/** A marker that every address, text, name and secret of these fixtures contains, and nothing else. */
export const DOMAIN = 'private.example';
export const TEXT = 'Sotto voce';
export const NAME = 'Maestro';
export const KEY = 'unguessable';

export const address = (name: string): string => `${name}@${DOMAIN}`;

export const member = (id: string) => ({
  ...profile(id),
  name: `${NAME} ${id}`,
  headline: `${TEXT}: ${id}`,
  email: address(id),
});

/** Messages that are not commands, with texts and addresses in every possible field. */
export function noCommands(service: PublishingService): Message[] {
  const good = service.command('send', { inviterId: 'anna', recipientId: 'bert' });
  const withHeaders = (headers: IHeaders): Message => ({
    ...good,
    headers: { ...good.headers, ce_id: randomUUID(), ...headers },
  });
  const withData = (data: object | string): Message => ({
    ...withHeaders({}),
    value: typeof data === 'string' ? data : JSON.stringify(data),
  });
  return [
    withData(`${TEXT}, ${address('anna')}`),
    withData(`{"message": "${TEXT}", ${address('anna')}`),
    withData({ inviterId: address('anna'), recipientId: TEXT }),
    withData({ inviterId: 'anna', recipientId: 'bert', recipientEmail: `${TEXT} ${DOMAIN}` }),
    withData({ inviterId: 'anna', recipientId: 'bert', message: TEXT.repeat(100) }),
    withData({ inviterId: 'anna', recipientId: 'bert', [address('bert')]: TEXT, [TEXT]: 1 }),
    withData([TEXT]),
    withHeaders({ ce_id: address('anna') }),
    withHeaders({ ce_type: TEXT }),
    withHeaders({ ce_specversion: TEXT }),
    withHeaders({ 'content-type': TEXT }),
    { key: address('anna'), value: TEXT },
  ];
}

/** A valid command with irrelevant headers and a reply-to that is not a topic. */
export function oddCommand(service: PublishingService): Message {
  const good = service.command('send', { inviterId: 'anna', recipientId: 'bert' });
  const headers = { ce_source: address('anna'), ce_time: TEXT, 'reply-to': address('anna') };
  return { ...good, key: address('anna'), headers: { ...good.headers, ...headers } };
}

/** Messages that are not profiles of dora. */
export const noProfiles = (): Message[] => [
  { key: 'dora', value: `${TEXT} ${address('dora')}` },
  { key: 'dora', value: JSON.stringify({ ...member('dora'), email: `${TEXT} @ ${DOMAIN}` }) },
  { key: 'dora', value: JSON.stringify({ ...member('dora'), id: address('dora') }) },
  { key: address('dora'), value: JSON.stringify({ ...member('dora'), profileUrl: TEXT }) },
];

/** Messages that are not events, by topic. */
export function noEvents(): [string, Message[]][] {
  const headers = { ce_specversion: '1.0', ce_type: 'invitations.sent.v1', ce_source: TEXT };
  const data = { message: TEXT, recipientId: address('bert') };
  const messages = (): Message[] => [
    { key: 'bert', value: TEXT, headers: { ...headers, ce_id: address('bert') } },
    { key: address('bert'), value: JSON.stringify(data), headers: { ...headers, ce_id: randomUUID() } },
  ];
  return [TOPICS.sent, TOPICS.accepted, TOPICS.replied, TOPICS.reminderDue].map((topic) => [
    topic,
    messages(),
  ]);
}

export const noOutcomes = (): Message[] => [
  { key: TEXT, value: `${TEXT} ${address('anna')}` },
  { key: TEXT, value: JSON.stringify({ commandId: address('anna'), outcome: TEXT }) },
];
