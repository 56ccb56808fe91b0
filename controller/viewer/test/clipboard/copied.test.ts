import type { ControlEvent } from '#contract/input';
import { assert, suite } from '#test/suite';
import { toPieces } from '../../../../guest/src/agent/clipboard/copied.ts';
import { CopiedPieces } from '../../src/clipboard/copied.ts';
import { toControlEvent } from '../../src/transport/channels.ts';

const test = suite('what the desktop has copied');

type Piece = Extract<ControlEvent, { t: 'copied' }>;

const send = (pieces: CopiedPieces, sent: Piece[]) =>
  sent.map((piece) => pieces.take(toControlEvent(JSON.stringify(piece)) as Piece)).filter((one) => one !== undefined);

test('a text comes whole through the channel, however long', () => {
  for (const text of ['a', '"\\\n\u0001'.repeat(5_000), '漢字 € 👍'.repeat(50_000)]) {
    assert.equal(send(new CopiedPieces(), toPieces({ kind: 'text', data: text })), [{ kind: 'text', text }]);
  }
});

test('a picture comes as its bytes', async () => {
  const bytes = Uint8Array.from({ length: 30_000 }, (_, index) => index % 256);
  const [copied] = send(new CopiedPieces(), toPieces({ kind: 'png', data: Buffer.from(bytes).toString('base64') }));
  assert.is(copied?.kind, 'image');
  assert.equal(copied?.kind === 'image' && (await copied.image.bytes()), bytes);
});

test('a new beginning ends what was on its way', () => {
  const pieces = new CopiedPieces();
  const [first] = toPieces({ kind: 'text', data: 'x'.repeat(20_000) });
  assert.equal(send(pieces, [first!, ...toPieces({ kind: 'text', data: 'new' })]), [{ kind: 'text', text: 'new' }]);
});

test('pieces without a beginning, of another kind, too many, or of no base64 are nothing', () => {
  const piece = { t: 'copied', kind: 'text', data: 'x', first: false, more: false } as const;
  assert.equal(send(new CopiedPieces(), [piece]), []);
  assert.equal(
    send(new CopiedPieces(), [
      { ...piece, first: true, more: true },
      { ...piece, kind: 'png' },
    ]),
    [],
  );
  const long = { ...piece, data: 'x'.repeat(2 ** 20), more: true };
  assert.equal(send(new CopiedPieces(), [{ ...long, first: true }, ...Array<Piece>(6).fill(long), piece]), []);
  assert.equal(send(new CopiedPieces(), [{ ...piece, kind: 'png', data: '%%', first: true }]), []);
});

test.run();
