import { frame, rawBatch } from '../../contract/kafka/raw-client.js';

/** One well-formed request of each kind, most in the newest version served, for tests that corrupt them. */
export function wellFormedRequests(topic: string): Buffer[] {
  const batch = rawBatch({ values: ['a', 'b'] });
  const onePartition = 0;
  return [
    frame(0, 7, (request) => {
      request.string(null).int16(-1).int32(1_000);
      request.array([topic], (name) =>
        request.string(name).array([batch], (records) => request.int32(onePartition).bytes(records)),
      );
    }),
    frame(1, 11, (request) => {
      request.int32(-1).int32(10).int32(1).int32(1_000_000).int8(0).int32(0).int32(-1);
      request.array([topic], (name) =>
        request.string(name).array([onePartition], (partition) => {
          request.int32(partition).int32(-1).int64(0).int64(-1).int32(100_000);
        }),
      );
      request.array([], () => undefined).string('');
    }),
    frame(2, 3, (request) => {
      request.int32(-1).int8(0);
      request.array([topic], (name) =>
        request.string(name).array([onePartition], (partition) => request.int32(partition).int64(-1)),
      );
    }),
    frame(3, 6, (request) => request.array([topic], (name) => request.string(name)).boolean(false)),
    frame(8, 5, (request) => {
      request.string('corrupt group').int32(-1).string('');
      request.array([topic], (name) =>
        request
          .string(name)
          .array([onePartition], (partition) => request.int32(partition).int64(1).string('')),
      );
    }),
    frame(9, 4, (request) =>
      request.string('corrupt group').array([topic], (name) => {
        request.string(name).array([onePartition], (partition) => request.int32(partition));
      }),
    ),
    frame(10, 2, (request) => request.string('corrupt group').int8(0)),
    frame(11, 5, (request) => {
      request
        .string('corrupt group')
        .int32(6_000)
        .int32(100)
        .string('')
        .string('instance')
        .string('consumer');
      request.array(['range'], (name) => request.string(name).bytes(Buffer.from('subscription')));
    }),
    frame(14, 3, (request) => {
      request.string('corrupt group').int32(1).string('member').string(null);
      request.array(['member'], (member) => request.string(member).bytes(Buffer.from('assignment')));
    }),
    frame(12, 3, (request) => request.string('corrupt group').int32(1).string('member').string(null)),
    frame(13, 3, (request) =>
      request
        .string('corrupt group')
        .array(['member'], (member) => request.string(member).string('instance')),
    ),
    frame(15, 2, (request) => request.array(['corrupt group'], (group) => request.string(group))),
    frame(16, 2, () => undefined),
    frame(18, 2, () => undefined),
    frame(19, 3, (request) => {
      request.array(['corrupt-topic'], (name) => {
        request
          .string(name)
          .int32(1)
          .int16(-1)
          .array([], () => undefined);
        request.array(['retention.ms'], (setting) => request.string(setting).string('1000'));
      });
      request.int32(1_000).boolean(false);
    }),
    frame(20, 1, (request) => request.array(['corrupt-topic'], (name) => request.string(name)).int32(1_000)),
    frame(21, 1, (request) => {
      request.array(['corrupt-topic'], (name) =>
        request.string(name).array([onePartition], (partition) => request.int32(partition).int64(-1)),
      );
      request.int32(1_000);
    }),
    frame(22, 1, (request) => request.string(null).int32(1_000)),
    frame(32, 2, (request) => {
      request.array([topic], (name) =>
        request
          .int8(2)
          .string(name)
          .array(['retention.ms'], (setting) => request.string(setting)),
      );
      request.boolean(false);
    }),
    frame(37, 1, (request) => {
      request.array(['corrupt-topic'], (name) => request.string(name).int32(2).int32(-1));
      request.int32(1_000).boolean(false);
    }),
    frame(42, 1, (request) => request.array(['corrupt group'], (group) => request.string(group))),
  ];
}
