import { CliError } from '#libs/cli';
import { Topics } from '#libs/contracts';
import { WithEventStore, type EventStoreDBClient } from '#libs/event-store';
import { listTopics, Producer, WithKafka, WithTopics, type Kafka } from '#libs/kafka';
import { findAddresses } from '#libs/member-data';
import {
  IsOptionalSecrets,
  isProduction,
  loadConfig,
  NoConfig,
  parseInternalSecrets,
  WithPostgres,
  type Pool,
} from '#libs/platform';
import { loadKafka, withStore } from '../operators/connections.js';
import { closeErasedAccount } from './close-account.js';
import { planErasure, runErasure, type ErasureStep } from './erase-member.js';
import { addressesOf, KnownDataFinder, type KnownData } from './known-data.js';
import { removeProfile } from './profile-tombstone.js';
import { checkKey, checkLog, checkTables, checkTopics, type PlaceReport } from './proof.js';

export class EraseConfig extends WithEventStore(WithTopics(WithKafka(WithPostgres(NoConfig)))) {
  /** The first one signs the command that closes the account, as the api does for operators. */
  @IsOptionalSecrets()
  OPERATOR_COMMAND_SECRETS?: string;
}

type Print = (line: string) => void;

/** `erase <memberId>`: erases a member, or what an interrupted run has left. */
export async function runErase(
  memberId: string,
  known: KnownData,
  {
    waitMs,
    audit,
  }: { readonly waitMs: number; readonly audit: (pool: Pool) => Promise<() => Promise<void>> },
  print: Print,
): Promise<void> {
  const config = loadConfig(EraseConfig);
  const topics = new Topics(config.TOPIC_PREFIX);
  const kafka = loadKafka(3);
  await withStore(async (pool, client) => {
    const finish = await audit(pool);
    const producer = new Producer(kafka);
    try {
      await producer.connect();
      const send = (message: Parameters<Producer['send']>[0][number]) => producer.send([message]);
      const secret =
        config.OPERATOR_COMMAND_SECRETS && parseInternalSecrets(config.OPERATOR_COMMAND_SECRETS)[0];
      const isSecretMissing = secret === undefined && isProduction(config);
      const closing = {
        db: pool,
        kafka,
        topics,
        groupPrefix: config.GROUP_PREFIX,
        secret,
        send,
        client,
        isSecretMissing,
        waitMs,
      };
      const steps: readonly ErasureStep[] = await planErasure(
        {
          pool,
          closeAccount: (id) => closeErasedAccount(closing, id),
          removeProfile: (id) => removeProfile(kafka, topics.profiles, config.GROUP_PREFIX, send, id),
        },
        memberId,
        addressesOf(known),
      );
      const isAnyChanged = await runErasure(steps, print);
      print(
        isAnyChanged ? `${memberId} is erased` : `${memberId} was erased before: there is nothing left to do`,
      );
    } finally {
      await producer.disconnect();
    }
    await finish();
  });
}

/**
 * `erase --verify <memberId>`: looks for the member in every place.
 * @throws CliError if something of the member was found, or a topic could not be read
 */
export async function runVerify(
  memberId: string,
  known: KnownData,
  isJson: boolean,
  print: Print,
): Promise<void> {
  const config = loadConfig(EraseConfig);
  const topics = new Topics(config.TOPIC_PREFIX);
  const kafka = loadKafka(3);
  const reports = await withStore((pool, client) =>
    verifyErasure({ pool, client, kafka, topics, groupPrefix: config.GROUP_PREFIX }, memberId, known),
  );
  if (isJson) print(JSON.stringify(reports, undefined, 2));
  else for (const report of reports) print(describeReport(report));
  const unread = reports.filter(({ state }) => state === 'unread').map(({ place }) => place);
  const red = reports.filter(({ state }) => state === 'found').map(({ place }) => place);
  if (red.length > 0) throw new CliError(`found in ${red.length} places: ${red.join(', ')}`);
  if (unread.length > 0) throw new CliError(`nothing is proved of ${unread.join(', ')}`);
}

const WORDS: Readonly<Record<PlaceReport['state'], string>> = {
  clean: 'clean',
  found: 'FOUND',
  pending: 'not yet clean',
  unread: 'NOT READ',
};

const describeReport = ({ place, state, detail }: PlaceReport): string =>
  `${place}: ${WORDS[state]}${detail === undefined ? '' : `, ${detail}`}`;

export interface VerifiedServers {
  readonly pool: Pool;
  readonly client: EventStoreDBClient;
  readonly kafka: Kafka;
  readonly topics: Topics;
  readonly groupPrefix: string;
}

/** Looks for a member in the log, in every topic of the installation and in every table. */
export async function verifyErasure(
  { pool, client, kafka, topics, groupPrefix }: VerifiedServers,
  memberId: string,
  known: KnownData,
): Promise<readonly PlaceReport[]> {
  const finder = new KnownDataFinder(known);
  const addresses = [...new Set([...(await findAddresses(pool, memberId)), ...addressesOf(known)])];
  return [
    await checkKey(pool, memberId),
    await checkLog(client, finder),
    ...(await checkTopics(kafka, topics, await listTopics(kafka), groupPrefix, finder)),
    ...(await checkTables(pool, { id: memberId, addresses }, finder)),
  ];
}
