import { InvalidData, MEMBER_ID, parseProfile, type MemberProfile } from '#libs/contracts';
import type { Incoming } from '#libs/kafka';
import { wakeDeliveriesOf } from '../deliveries/waiting-for-members.js';
import type { TopicHandler } from '../intake/topic-handler.js';
import { saveMembers } from './members.table.js';

interface Keyed {
  readonly id: string;
  readonly profile: MemberProfile | null;
}

/** Keeps the members as the profile service tells them, and lets e-mails go on that waited for one (D13). */
export const memberProfilesHandler: TopicHandler<Keyed> = {
  parse(message: Incoming) {
    const id = message.key?.toString() ?? '';
    if (!MEMBER_ID.test(id)) throw new InvalidData(['the key must be a member id']);
    const profile = parseProfile(message);
    if (profile !== null && profile.id !== id) throw new InvalidData(['id must be the key']);
    return { id, profile };
  },
  store: (tx, parsed) => saveMembers(tx, new Map(parsed.map(({ id, profile }) => [id, profile]))),
  afterwards: (db, parsed) =>
    wakeDeliveriesOf(
      db,
      parsed.map(({ id }) => id),
    ),
};
