import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Producer } from 'kafkajs';
import { GroupMembers } from './group-members.js';
import { PATIENT_MS, Workbench } from './workbench.js';

jest.setTimeout(PATIENT_MS);

const PARTITIONS = 4;
const VALUES = 80;

let bench: Workbench;
let producer: Producer;
let topic: string;
let members: GroupMembers;
let sent = 0;

beforeAll(async () => {
  bench = await Workbench.open();
  topic = await bench.topic(PARTITIONS);
  members = new GroupMembers(bench, topic);
  producer = await bench.producer();
});

afterAll(async () => {
  await members.killProcess();
  await bench.close();
});

/** Sends some more records, to all partitions. */
async function send(): Promise<string[]> {
  const values = Array.from({ length: VALUES }, () => `value ${sent++}`);
  await producer.send({ topic, messages: values.map((value, i) => ({ partition: i % PARTITIONS, value })) });
  return values;
}

// One group's life, told in order: each test goes on where the one before ended.
describe('a group', () => {
  it('gives everything to its only member, and tells who that is', async () => {
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

  it('shares with a second one, and takes back what that leaves', async () => {
    const second = await members.join('second');
    expect(await members.sharedBy(PARTITIONS, 'first', 'second')).toBe(PARTITIONS);
    expect(await members.received(await send())).toBe(VALUES);
    await second.disconnect();
    expect(await members.sharedBy(PARTITIONS, 'first')).toBe(PARTITIONS);
    expect(await members.received(await send())).toBe(VALUES);
  });

  it('goes on without a member that was killed, once its session is over', async () => {
    await members.joinFromProcess('victim');
    expect(await members.sharedBy(PARTITIONS, 'first', 'victim')).toBe(PARTITIONS);
    expect(await members.received(await send())).toBe(VALUES);
    await members.killProcess();
    const after = await send();
    expect(await members.sharedBy(PARTITIONS, 'first')).toBe(PARTITIONS);
    expect(await members.received(after)).toBe(VALUES);
  });

  it('resumes where it was committed', async () => {
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
