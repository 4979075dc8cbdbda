import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Producer } from 'kafkajs';
import { GroupMembers } from './group-members.js';
import { PATIENT_MS, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

const PARTITIONS = 4;
const VALUES = 80;

let bench: KafkaHarness;
let producer: Producer;
let topic: string;
let members: GroupMembers;
let sent = 0;

beforeAll(async () => {
  bench = await KafkaHarness.open();
  topic = await bench.topic(PARTITIONS);
  members = new GroupMembers(bench, topic);
  producer = await bench.producer();
});

afterAll(async () => {
  await members.killProcess();
  await bench.close();
});

/** Sends more records to all partitions. */
async function send(): Promise<string[]> {
  const values = Array.from({ length: VALUES }, () => `value ${sent++}`);
  await producer.send({ topic, messages: values.map((value, i) => ({ partition: i % PARTITIONS, value })) });
  return values;
}

// One group's life in order: each test continues from the state that the previous one left.
describe('a consumer group', () => {
  it('assigns all partitions to its only member, and describes that member', async () => {
    const before = await send();
    await members.join('first');
    expect(await members.sharedBy(PARTITIONS, 'first')).toBe(PARTITIONS);
    expect(await members.received([...before, ...(await send())])).toBe(2 * VALUES);
    const [group] = (await bench.admin.describeGroups([members.groupId])).groups;
    expect(group).toMatchObject({
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'RoundRobinAssigner',
    });
    expect(group!.members).toMatchObject([{ clientId: 'contract' }]);
  });

  it('shares partitions with a second member, and reassigns them when that member leaves', async () => {
    const second = await members.join('second');
    expect(await members.sharedBy(PARTITIONS, 'first', 'second')).toBe(PARTITIONS);
    expect(await members.received(await send())).toBe(VALUES);
    await second.disconnect();
    expect(await members.sharedBy(PARTITIONS, 'first')).toBe(PARTITIONS);
    expect(await members.received(await send())).toBe(VALUES);
  });

  it('continues without a killed member after its session timeout', async () => {
    await members.joinFromProcess('victim');
    expect(await members.sharedBy(PARTITIONS, 'first', 'victim')).toBe(PARTITIONS);
    expect(await members.received(await send())).toBe(VALUES);
    await members.killProcess();
    const after = await send();
    expect(await members.sharedBy(PARTITIONS, 'first')).toBe(PARTITIONS);
    expect(await members.received(after)).toBe(VALUES);
  });

  it('resumes at the committed offsets', async () => {
    const { groupId } = members;
    const other = await bench.topic();
    await producer.send({ topic: other, messages: [{ value: 'a' }, { value: 'b' }] });
    const consumed = bench.groupId();
    await bench.consume(other, 2, consumed);
    await producer.send({ topic: other, messages: [{ value: 'c' }] });
    const resumed = await bench.consume(other, 1, consumed);
    expect(resumed.map(({ value }) => String(value))).toEqual(['c']);
    const stateOf = async (id: string) => (await bench.admin.describeGroups([id])).groups[0]!.state;
    expect([await stateOf(consumed), await stateOf(groupId)]).toEqual(['Empty', 'Stable']);
  });
});
