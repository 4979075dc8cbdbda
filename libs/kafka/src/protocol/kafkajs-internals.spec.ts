import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { type IHeaders } from 'kafkajs';
import {
  KAFKAJS_VERSION,
  loadKafkajsLogins,
  loadKafkajsModules,
  openCluster,
  PROTOCOL_ERROR_NAME,
  REBALANCING_MESSAGE,
  type ProtocolError,
} from './kafkajs-internals.js';
import { installWireFormat } from './kafkajs-wire-format.js';
import { encodeBatch } from './record-batch-encoder.js';

// Node does not find this among the names that the package exports.
const { KafkaJSProtocolError } = kafkajs;

const require = createRequire(import.meta.url);

/*
 * Pins the internals of kafkajs that libs/kafka relies on. If this fails after an upgrade, compare the new version with
 * kafkajs-internals.ts before anything else: consumers would be exposed to hostile messages.
 */

interface Original {
  readonly protocol: (which: { version: number }) => (args: object) => {
    readonly request: { readonly encode: () => Promise<{ readonly buffer: Buffer }> };
    readonly response: { readonly decode: (bytes: Buffer) => Promise<object> };
  };
}

const MESSAGES = [
  {
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    timestamp: '1767603600000',
    headers: { a: 'é', b: ['1', '2'] },
  },
  { key: null, value: Buffer.alloc(0), timestamp: '1767603600007', headers: {} },
];

/** A response to a fetch from one topic, as version 11 has it. */
function fetchResponse(version: number, records: Buffer): Buffer {
  const int16 = (n: number) => Buffer.from([n >> 8, n & 0xff]);
  const int32 = (n: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(n);
    return bytes;
  };
  const int64 = (n: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(n));
    return bytes;
  };
  return Buffer.concat([
    int32(9), // throttled
    ...(version >= 7 ? [int16(0), int32(5)] : []),
    int32(1),
    int16(1),
    Buffer.from('t'),
    int32(1),
    int32(3), // partition
    int16(0),
    int64(2),
    int64(2),
    ...(version >= 5 ? [int64(1)] : []),
    int32(1), // aborted transactions
    int64(77),
    int64(88),
    ...(version >= 11 ? [int32(-1)] : []),
    int32(records.length),
    records,
  ]);
}

interface Decoded {
  readonly responses: readonly {
    readonly partitions: readonly { readonly messages: readonly Message[] }[];
  }[];
}

interface Message {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Of a message what kafkajs's consumers use, or hand on. */
const used = ({ offset, timestamp, key, value, headers, isControlRecord, batchContext }: Message) => ({
  offset,
  timestamp,
  key,
  value,
  headers: { ...headers },
  isControlRecord,
  producerId: batchContext.producerId,
  inTransaction: batchContext.inTransaction,
});

function comparable(decoded: object) {
  const { responses, ...rest } = decoded as Decoded;
  return {
    ...rest,
    responses: responses.map(({ partitions, ...topic }) => ({
      ...topic,
      partitions: partitions.map(({ messages, ...partition }) => ({
        ...partition,
        messages: messages.map(used),
      })),
    })),
  };
}

const PRODUCE = {
  acks: -1,
  timeout: 30_000,
  compression: 0,
  topicData: [{ topic: 't', partitions: [{ partition: 3, firstSequence: 0, messages: MESSAGES }] }],
};
const FETCH = {
  maxWaitTime: 1,
  minBytes: 1,
  maxBytes: 1,
  topics: [{ topic: 't', partitions: [{ partition: 3, fetchOffset: '0', maxBytes: 1 }] }],
};

describe('kafkajs internals', () => {
  const before = new Map<string, object>();
  let fetch: Original;
  let produce: Original;

  beforeAll(async () => {
    const modules = loadKafkajsModules();
    [fetch, produce] = [modules.fetch as unknown as Original, modules.produce as unknown as Original];
    for (let version = 4; version <= 11; version += 1) {
      const bytes = fetchResponse(version, encodeBatch(MESSAGES, 0));
      before.set(`fetch ${version}`, await fetch.protocol({ version })(FETCH).response.decode(bytes));
    }
    for (let version = 3; version <= 7; version += 1) {
      before.set(
        `produce ${version}`,
        (await produce.protocol({ version })(PRODUCE).request.encode()).buffer,
      );
    }
    installWireFormat();
  });

  it('have the version that kafkajs-internals.ts describes', () => {
    expect((require('kafkajs/package.json') as { version: string }).version).toBe(KAFKAJS_VERSION);
  });

  it('name the error of a broker as brokerErrorType expects', () => {
    const thrown = new KafkaJSProtocolError({
      type: 'NOT_LEADER_FOR_PARTITION',
      message: '',
      retriable: true,
    } as never);
    const { name, type } = thrown as unknown as ProtocolError;
    expect({ name, type }).toEqual({ name: PROTOCOL_ERROR_NAME, type: 'NOT_LEADER_FOR_PARTITION' });
  });

  it('have the logins that sasl.ts uses', async () => {
    const { bearerRequest, ...passwordLogins } = loadKafkajsLogins();
    const request = await bearerRequest({}, { value: 't0ken' });
    expect(String(await request.encode())).toContain('auth=Bearer t0ken');
    for (const logIn of Object.values(passwordLogins)) {
      const connection = { host: 'h', port: 1 } as never;
      expect(logIn({ username: 'u', password: 'p' })(connection)).toHaveProperty('authenticate');
    }
  });

  it('let other requests be sent over the connections of a client', () => {
    const cluster = openCluster(new kafkajs.Kafka({ brokers: ['127.0.0.1:9'] }));
    expect(cluster.brokerPool).toHaveProperty('findConnectedBroker');
    for (const name of ['connect', 'disconnect', 'refreshMetadata', 'findGroupCoordinator'])
      expect(cluster).toHaveProperty(name, expect.any(Function));
    const broker = readFileSync(require.resolve('kafkajs/src/broker'), 'utf8');
    expect(broker).toContain('async findGroupCoordinator({ groupId, coordinatorType })');
    expect(broker).toContain('await this.connectionPool.send(');
  });

  it('log a rebalance in the words that createKafka recognises', () => {
    const runner = readFileSync(require.resolve('kafkajs/src/consumer/runner'), 'utf8');
    expect(runner).toContain(`logger.warn('${REBALANCING_MESSAGE}'`);
  });

  it('offer the versions of Fetch and Produce that are replaced', () => {
    const { fetch: fetches, produce: produces } = loadKafkajsModules();
    expect(fetches.versions).toEqual(Array.from({ length: 12 }, (_, version) => String(version)));
    expect(produces.versions).toEqual(Array.from({ length: 8 }, (_, version) => String(version)));
  });

  it('use the replaced modules for requests to brokers', () => {
    const { requests } = require('kafkajs/src/protocol/requests') as {
      requests: { Fetch: object; Produce: object };
    };
    const { fetch: fetches, produce: produces } = loadKafkajsModules();
    expect(requests.Fetch).toBe(fetches);
    expect(requests.Produce).toBe(produces);
  });

  it.each([4, 5, 6, 7, 8, 9, 10, 11])(
    'decode version %d of a fetch response to what kafkajs decoded',
    async (version) => {
      const bytes = fetchResponse(version, encodeBatch(MESSAGES, 0));
      const decoded = await fetch.protocol({ version })(FETCH).response.decode(bytes);
      expect(comparable(decoded)).toEqual(comparable(before.get(`fetch ${version}`)!));
      const { responses } = decoded as Decoded;
      expect(responses[0]!.partitions[0]!.messages[0]!.constructor.name).toBe('FetchedRecord');
    },
  );

  it.each([3, 4, 5, 6, 7])('encode version %d of a produce request as kafkajs did', async (version) => {
    const { buffer } = await produce.protocol({ version })(PRODUCE).request.encode();
    // What a producer that is not idempotent writes as its epoch and sequence: kafkajs 0, we and others -1.
    const same = (bytes: Buffer) => {
      const at = bytes.length - encodeBatch(MESSAGES, 0).length;
      const copy = Buffer.from(bytes);
      copy.fill(0, at + 12, at + 16); // the leader's epoch
      copy.fill(0, at + 17, at + 21); // the checksum
      copy.fill(0, at + 51, at + 57);
      return copy.toString('hex');
    };
    expect(same(buffer)).toBe(same(before.get(`produce ${version}`) as Buffer));
  });

  it.each([
    ['compressed', { compression: 1 }],
    ['of an idempotent producer', { producerId: '7', producerEpoch: 1 }],
    ['in a transaction', { transactionalId: 'x', producerId: '7', producerEpoch: 1 }],
  ])('keep the encoder of kafkajs for a request that is %s', async (_, change) => {
    const args = { ...PRODUCE, ...change };
    const { buffer } = await produce.protocol({ version: 7 })(args).request.encode();
    expect(buffer.length).toBeGreaterThan(100);
  });

  it('reject the versions of brokers before Kafka 0.11', () => {
    expect(() => fetch.protocol({ version: 3 })).toThrow('older than Kafka 0.11');
  });
});
