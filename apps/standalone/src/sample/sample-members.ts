import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TOPICS, type MemberProfile } from '#libs/contracts';
import { createKafka, Producer } from '#libs/kafka';
import type { Logger } from '#libs/platform';
import { PROJECT } from '../paths.js';

/** The members of examples/members.jsonl. */
export async function readSampleMembers(): Promise<MemberProfile[]> {
  const text = await readFile(join(PROJECT, 'examples/members.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MemberProfile);
}

/** Publishes the sample members as the profile service would. Doing it at every start changes nothing. */
export async function publishSampleMembers(brokers: string, logger: Logger): Promise<void> {
  const producer = new Producer(createKafka({ brokers, clientId: 'standalone' }, logger));
  const members = await readSampleMembers();
  await producer.connect();
  await producer.send(
    members.map((member) => ({ topic: TOPICS.profiles, key: member.id, value: JSON.stringify(member) })),
  );
  await producer.disconnect();
}
