import { assert, suite } from '#test/suite';
import { type CaptureRecord, RecordReader, RecordsBroken } from '../../../../src/agent/stream/capture/records.ts';

const test = suite('capture records');

interface Header {
  type: number;
  flags?: number;
  at?: bigint;
  width?: number;
  height?: number;
  hotX?: number;
  hotY?: number;
  number?: number;
  workUs?: number;
}

/** A record as guest/native/src/protocol.h lays it out. */
function toBytes(header: Header, payload = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write('OL', 0, 'latin1');
  bytes.writeUInt8(header.type, 2);
  bytes.writeUInt8(header.flags ?? 0, 3);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeBigUInt64LE(header.at ?? 0n, 8);
  [header.width, header.height, header.hotX, header.hotY].forEach((value, index) => bytes.writeUInt16LE(value ?? 0, 16 + index * 2));
  bytes.writeUInt32LE(header.number ?? 0, 24);
  bytes.writeUInt32LE(header.workUs ?? 0, 28);
  return Buffer.concat([bytes, payload]);
}

const STREAM = Buffer.concat([
  toBytes({ type: 1, at: 1_500n, width: 1377, height: 803 }),
  toBytes({ type: 2, flags: 1, at: 2_000_250n, width: 1377, height: 803, number: 1, workUs: 4_200 }, Buffer.from('key frame')),
  toBytes({ type: 3, at: 3_000n, width: 1, height: 2, hotX: 1, hotY: 2, number: 77 }, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])),
  toBytes({ type: 4 }, Buffer.from('fps 0: not a whole number from 1 to 60')),
  toBytes({ type: 5 }),
  toBytes({ type: 2, flags: 2, at: 4_000n, width: 1377, height: 803, number: 2, workUs: 900 }, Buffer.from('follow-up')),
]);

const RECORDS: CaptureRecord[] = [
  { type: 'display', at: 1.5, width: 1377, height: 803 },
  frame({ data: 'key frame', key: true, followUp: false, at: 2000.25, workMs: 4.2, number: 1 }),
  { type: 'cursor', pixels: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), serial: 77, at: 3, hotX: 1, hotY: 2, width: 1, height: 2 },
  { type: 'refused', message: 'fps 0: not a whole number from 1 to 60' },
  { type: 'copied' },
  frame({ data: 'follow-up', key: false, followUp: true, at: 4, workMs: 0.9, number: 2 }),
];

function frame({
  data,
  ...rest
}: {
  data: string;
  key: boolean;
  followUp: boolean;
  at: number;
  workMs: number;
  number: number;
}): CaptureRecord {
  return { type: 'frame', data: Buffer.from(data), width: 1377, height: 803, ...rest };
}

function readAll(chunks: Buffer[]): CaptureRecord[] {
  const reader = new RecordReader();
  return chunks.flatMap((chunk) => reader.read(chunk));
}

test('records that come at once are all read, in their order', () => {
  assert.equal(readAll([STREAM]), RECORDS);
});

test('it does not matter where the stream is cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut++)
    assert.equal(readAll([STREAM.subarray(0, cut), STREAM.subarray(cut)]), RECORDS, `cut at ${cut}`);
});

test('nor into how many pieces', () => {
  for (const size of [1, 2, 7, 31, 32, 33])
    assert.equal(
      readAll(Array.from({ length: Math.ceil(STREAM.length / size) }, (_, index) => STREAM.subarray(index * size, (index + 1) * size))),
      RECORDS,
    );
});

test('a record is given out with its last byte, not later', () => {
  const reader = new RecordReader();
  assert.equal(reader.read(STREAM.subarray(0, 31)), []);
  assert.equal(reader.read(STREAM.subarray(31, 32)), [RECORDS[0]]);
});

test('bytes that are no record are told apart from a record that is not whole', () => {
  for (const bytes of [Buffer.alloc(32), toBytes({ type: 9 }), toBytes({ type: 0 })])
    assert.throws(
      () => readAll([bytes]),
      (error: unknown) => error instanceof RecordsBroken,
    );
});

test('a length that no frame has is not waited for', () => {
  const bytes = toBytes({ type: 2 });
  bytes.writeUInt32LE(0xffff_ffff, 4);
  assert.throws(
    () => readAll([bytes]),
    (error: unknown) => error instanceof RecordsBroken,
  );
});

test.run();
