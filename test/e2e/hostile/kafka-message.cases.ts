import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { compressFrame } from 'lz4-napi';
import { compress as snap } from 'snappy';
import { OUTCOMES_PREFIX, PARTITIONS, TOPICS } from '#libs/contracts';
import { RawClient } from '../../contract/kafka/raw-client.js';
import { profile } from '../../support/publisher.js';
import { recordBatch, type BatchOptions, type HostileRecord } from './record-batch.js';
import { partitionOf, type HostileStack } from './stack.js';

const MIB = 1024 * 1024;

/** The topics that the service consumes: in the command app, the projector, the notification app and the api `test`. */
const CONSUMED = [
  TOPICS.commands,
  TOPICS.profiles,
  TOPICS.sent,
  TOPICS.accepted,
  TOPICS.replied,
  TOPICS.reminderDue,
  `${OUTCOMES_PREFIX}api-test`,
];

const MEMBERS_OF_OBJECT = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf', 'then'];

/** Everything that a broker accepts. What it rejects is not a case. */
export function kafkaMessageCases(stack: () => HostileStack): void {
  /** Produces the batch to partitions of the topic, by default to each. @returns how many were accepted */
  async function produce(topic: string, batch: Buffer, only?: number): Promise<number> {
    const client = await RawClient.connect(stack().deployed.brokers.split(',')[0]!);
    let taken = 0;
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    for (const partition of only === undefined ? all : [only]) {
      const answer = await client.ask(0, 3, (request) => {
        request.string(null).int16(-1).int32(30_000);
        request.array([topic], (name) => {
          request.string(name).array([batch], (records) => request.int32(partition).bytes(records));
        });
      });
      const [error] = answer.array(() => {
        answer.string();
        return answer.array(() => {
          answer.int32();
          const code = answer.int16();
          answer.int64();
          answer.int64();
          return code;
        })[0]!;
      });
      if (error === 0) taken += 1;
    }
    client.close();
    return taken;
  }

  async function onEveryTopic(records: readonly HostileRecord[], options?: BatchOptions): Promise<void> {
    const batch = recordBatch(records, options);
    for (const topic of CONSUMED) await produce(topic, batch);
  }

  it('keeps headers that are named like properties of every object, byte for byte', async () => {
    const id = randomUUID();
    const headers = [
      ...MEMBERS_OF_OBJECT.map((name) => [name, `value of ${name}`] as const),
      ['ce_id', id] as const,
    ];
    const record = { key: 'odd', value: 'no command', headers };
    const letters = await stack().deadLettersOf(PARTITIONS, () =>
      produce(TOPICS.commands, recordBatch([record])),
    );
    expect(letters).toHaveLength(PARTITIONS);
    for (const letter of letters) {
      for (const [name, value] of headers) {
        expect([name, String(new Map(Object.entries(letter.headers)).get(name))]).toEqual([name, value]);
      }
    }
    await onEveryTopic([record]);
  });

  it('carries out a command with 10,000 small headers', async () => {
    const [inviterId, recipientId] = await stack().newMembers(2);
    const message = stack().send(inviterId!, recipientId!);
    const own = Object.entries(message.headers!).map(([name, value]) => [name, String(value)] as const);
    const many = Array.from({ length: 10_000 }, (_, n) => [`h${n}`, 'x'] as const);
    await produce(
      TOPICS.commands,
      recordBatch([{ key: inviterId!, value: String(message.value), headers: [...own, ...many] }]),
    );
    expect(await stack().outcomeOf(String(message.headers!['ce_id']))).toMatchObject({ outcome: 'accepted' });
    await onEveryTopic([{ key: 'odd', value: '{}', headers: many }]);
  });

  it.each([
    [
      'a repeated name',
      [
        ['a', '1'],
        ['a', '2'],
        ['a', null],
      ],
    ],
    ['a name that is no UTF-8', [[Buffer.from([0xff, 0xfe]), Buffer.from([0xff])]]],
    ['an empty name', [['', '']]],
    ['a name of 30,000 characters that need two bytes each', [['ß'.repeat(30_000), null]]],
    ['values of 900 KiB', Array.from({ length: 9 }, (_, n) => [`h${n}`, Buffer.alloc(100 * 1024)] as const)],
    ['60,000 names', Array.from({ length: 60_000 }, (_, n) => [`é${n}`, null] as const)],
  ] as [string, HostileRecord['headers'] & object][])(
    'continues after headers with %s',
    async (_, headers) => {
      await onEveryTopic([{ key: 'odd', value: 'no command', headers }]);
    },
  );

  const bomb = (bytes: number) => [{ key: 'odd', value: Buffer.alloc(bytes) }] as const;

  it('skips a batch that decompresses to more than the limit, with a dead letter that contains its offsets', async () => {
    const batch = recordBatch(bomb(80 * MIB), { codec: 1 });
    expect(batch.length).toBeLessThan(MIB);
    const letters = await stack().deadLettersOf(PARTITIONS, () => produce(TOPICS.commands, batch));
    expect(letters.map((letter) => letter.header('dead-letter-partition')).toSorted()).toEqual(
      Array.from({ length: PARTITIONS }, (_, partition) => String(partition)),
    );
    for (const letter of letters) {
      expect(letter.header('dead-letter-offset')).toMatch(/^\d+/);
      expect(letter.header('dead-letter-reason')).toMatch(/more than \d+ bytes/);
    }
    for (const topic of CONSUMED) await produce(topic, batch);
  });

  it.each(['snappy', 'LZ4'])('skips a batch that %s decompresses to 240 MiB', async (codec) => {
    const zeros = recordBatch(bomb(240 * MIB)).subarray(61);
    const packed = codec === 'LZ4' ? await compressFrame(zeros) : await snap(zeros);
    if (packed.length > MIB) return; // No broker takes it.
    await onEveryTopic(bomb(1), { codec: codec === 'LZ4' ? 3 : 2, packed: Buffer.from(packed) });
  });

  it.each<[string, BatchOptions]>([
    ['that is not gzip though it says so', { codec: 1, packed: Buffer.from('no gzip') }],
    ['whose gzip data is cut off', { codec: 1, packed: gzipSync(Buffer.alloc(1_000)).subarray(0, 20) }],
    ['of an unknown codec', { codec: 7, packed: Buffer.from('?') }],
    ['with a wrong checksum', { hasWrongChecksum: true }],
    ['that claims more records than it has', { claimedCount: 1_000 }],
    ['that claims two thousand million records', { claimedCount: 2 ** 31 - 1 }],
    ['with records that are no records', { codec: 1, packed: gzipSync(Buffer.alloc(5_000, 0xff)) }],
  ])('skips a batch %s', async (_, options) => {
    await onEveryTopic([{ key: 'odd', value: 'no command' }], options);
  });

  it.each<[string, bigint]>([
    ['-1', -1n],
    ['the largest that there is', 2n ** 63n - 1n],
    ['in microseconds', BigInt(Date.now()) * 1_000n],
    ['of next year', BigInt(Date.now() + 365 * 86_400_000)],
    ['0', 0n],
  ])('applies later profiles after a record with the timestamp %s', async (_, timestamp) => {
    const [member] = await stack().newMembers(1);
    const early = { key: member!, value: JSON.stringify({ ...profile(member!), name: 'Early' }) };
    await produce(TOPICS.profiles, recordBatch([early], { timestamp }), partitionOf(member!));
    await produce(TOPICS.commands, recordBatch([{ key: 'odd', value: 'no command' }], { timestamp }));
    await stack().publish(
      [{ key: member!, value: JSON.stringify({ ...profile(member!), name: 'Late' }) }],
      TOPICS.profiles,
    );
    await stack().untilNamed(member!, 'Late');
  });
}
