import { createKafka, kafkaSettings, WithKafka } from '#libs/kafka';
import { createLogger, loadConfig, NoConfig, type Pool } from '#libs/platform';
import { describeSweep, sweepMembers } from '#libs/profiles';
import { suppressAddress, unsuppressAddress } from '../members/bounced-addresses.table.js';
import { findMembers, PROFILE_TABLES } from '../members/members.table.js';

type Print = (text: string) => void;

/** Suppresses an address by hand. Bounces that come back as e-mails do not reach this service. */
export async function bounce(pool: Pool, memberOrAddress: string, print: Print): Promise<void> {
  await suppressAddress(pool, await addressOf(pool, memberOrAddress));
  print('the address is suppressed: nothing is sent to it from now on');
}

/** @throws Error where the address was not suppressed */
export async function unbounce(pool: Pool, memberOrAddress: string, print: Print): Promise<void> {
  if (!(await unsuppressAddress(pool, await addressOf(pool, memberOrAddress))))
    throw new Error('this address is not suppressed');
  print('the address is no longer suppressed: new e-mails are sent to it');
}

/** @param memberOrAddress an address, or the id of a member, for the address that they have now */
async function addressOf(pool: Pool, memberOrAddress: string): Promise<string> {
  if (memberOrAddress.includes('@')) return memberOrAddress;
  const member = (await findMembers(pool, [memberOrAddress])).get(memberOrAddress);
  if (member === undefined) throw new Error(`no profile of a member ${memberOrAddress} was received`);
  if (member.email === '') throw new Error(`the profile of ${memberOrAddress} has no usable address`);
  return member.email;
}

class KafkaConfig extends WithKafka(NoConfig) {}

export interface SweepOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Reads the whole topic of profiles, and deletes the members from this app's tables that the topic no longer holds. */
export async function sweepMembersNow(
  pool: Pool,
  { topic, group }: { readonly topic: string; readonly group: string },
  { force = false, dryRun = false }: SweepOptions,
  print: Print,
): Promise<void> {
  // Kafka's client does not log: its error is printed at the end.
  const kafka = createKafka(
    { ...kafkaSettings(loadConfig(KafkaConfig)), clientId: 'mail-ledger', retries: 2 },
    createLogger('mail-ledger', 'silent'),
  );
  const settings = {
    tables: PROFILE_TABLES,
    topic,
    groupPrefix: `${group}.sweep`,
    force,
    isDryRun: dryRun,
  };
  print(describeSweep(await sweepMembers(kafka, pool, settings)));
}
