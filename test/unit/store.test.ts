import assert from 'node:assert/strict';
import { CaptureReader, CaptureStore, notKept, segmentBytes } from '../../src/core/capture/store.js';

/** A store with a reader that knows all its memory. */
function pair(segments: number) {
  const store = new CaptureStore(segments);
  const reader = new CaptureReader(store.header);
  const read = (position: number, length: number): Uint8Array | undefined => {
    reader.add(store.takeNewSegments());
    const into = new Uint8Array(length);
    return reader.read(position, length, into) ? into : undefined;
  };
  return { store, reader, read };
}

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

suite('capture store', () => {
  test('gives back what was appended', () => {
    const { store, read } = pair(2);
    const first = store.append(filled(10, 1));
    const second = store.append(filled(20, 2));
    assert.deepEqual(read(first, 10), filled(10, 1));
    assert.deepEqual(read(second, 20), filled(20, 2));
  });

  test('allocates memory only as it is needed', () => {
    const { store } = pair(100);
    store.append(filled(10, 1));
    assert.equal(store.allocated, 1);
    store.append(filled(segmentBytes, 2));
    assert.equal(store.allocated, 2);
  });

  test('overwrites the oldest first, and the reader can tell', () => {
    const { store, reader, read } = pair(3);
    const positions = [1, 2, 3, 4].map((value) => store.append(filled(segmentBytes, value)));
    assert.equal(store.allocated, 3);
    assert.deepEqual(positions.map((position) => read(position, segmentBytes)?.[0]), [undefined, 2, 3, 4]);
    assert.equal(reader.isKept(positions[0] ?? 0), false);
    assert.equal(reader.isKept(positions[3] ?? 0), true);
  });

  test('bytes read into a lease are kept where they were read', () => {
    const { store, read } = pair(2);
    const lease = store.lease();
    assert.ok(lease);
    const slice = lease.slice();
    assert.equal(slice?.length, segmentBytes);
    slice.fill(9, 0, 1000);
    const position = lease.commit(1000);
    assert.equal(lease.holds(slice), true);
    lease.release();
    assert.deepEqual(read(position, 1000), filled(1000, 9));
  });

  test('a lease ends when its segment is full', () => {
    const { store } = pair(2);
    const lease = store.lease();
    let bytes = 0;
    for (let slice = lease?.slice(); slice !== undefined; slice = lease?.slice()) {
      const read = Math.min(slice.length, 300_000);
      lease?.commit(read);
      bytes += read;
    }
    assert.equal(bytes, segmentBytes);
  });

  test('a leased segment is never recycled, and small reads keep going round in what is left', () => {
    const { store, read } = pair(4);
    const leases = [store.lease(), store.lease(), store.lease()];
    leases[0]?.slice()?.fill(5, 0, 4);
    const position = leases[0]?.commit(4) ?? notKept;
    assert.equal(store.lease(), undefined);
    const small = [1, 2, 3].map((value) => store.append(filled(segmentBytes, value)));
    assert.deepEqual(small.map((at) => read(at, 1)?.[0]), [undefined, undefined, 3]);
    assert.deepEqual(read(position, 4), filled(4, 5));
    leases[1]?.release();
    assert.ok(store.lease());
    assert.deepEqual(read(position, 4), filled(4, 5));
  });

  test('when every segment is leased, small reads are reported as not kept', () => {
    const { store } = pair(4);
    for (let count = 0; count < 3; count++) store.lease();
    store.setLimit(3);
    assert.equal(store.append(filled(10, 1)), notKept);
  });

  test('while a recording reads, nothing that it has not read is recycled', () => {
    const { store, read } = pair(2);
    let handled = 0;
    store.mayRecycle = (lastBatch) => lastBatch <= handled;
    store.currentBatch = 1;
    const first = store.append(filled(segmentBytes, 1));
    store.currentBatch = 2;
    store.append(filled(segmentBytes, 2));
    assert.equal(store.append(filled(1, 3)), notKept);
    assert.equal(read(first, 1)?.[0], 1);
    handled = 1;
    assert.notEqual(store.append(filled(1, 3)), notKept);
    assert.equal(read(first, 1), undefined);
  });

  test('a smaller limit gives up the oldest bytes, a larger one keeps all', () => {
    const { store, read } = pair(4);
    const positions = [1, 2, 3, 4].map((value) => store.append(filled(segmentBytes, value)));
    store.setLimit(2);
    assert.equal(store.allocated, 2);
    assert.deepEqual(positions.map((position) => read(position, 1)?.[0]), [undefined, undefined, 3, 4]);
    store.setLimit(3);
    positions.push(store.append(filled(segmentBytes, 5)));
    assert.deepEqual(positions.map((position) => read(position, 1)?.[0]), [undefined, undefined, 3, 4, 5]);
  });

  test('a long-pinned segment stays readable however far the ring has turned', () => {
    const { store, read } = pair(3);
    const lease = store.lease();
    lease?.slice()?.fill(7, 0, 1);
    const position = lease?.commit(1) ?? -1;
    for (let turn = 0; turn < 20_000; turn++) store.lease()?.release();
    assert.equal(read(position, 1)?.[0], 7);
  });

  test('capture off keeps nothing', () => {
    const { store } = pair(0);
    assert.equal(store.isOn, false);
    assert.equal(store.append(filled(1, 1)), notKept);
    assert.equal(store.lease(), undefined);
  });

  test('a position that was never given reads as not kept', () => {
    const { read } = pair(1);
    for (const position of [-1, 0, 5 * segmentBytes]) assert.equal(read(position, 1), undefined);
  });
});
