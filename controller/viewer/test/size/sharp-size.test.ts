import { assert, suite } from '#test/suite';
import { toSharpSize } from '../../src/size/sharp-size.ts';

const test = suite('sharp size');

const at = (width: number, height: number) => ({ width, height });

test('a picture as large as the stage, or a pixel smaller, has its own pixels', () => {
  assert.equal(toSharpSize(at(1280, 768), { css: at(1280, 768), device: at(1280, 768) }), at(1280, 768));
  assert.equal(toSharpSize(at(1002, 700), { css: at(1003, 701), device: at(1003, 701) }), at(1002, 700));
  assert.equal(toSharpSize(at(2560, 1600), { css: at(1280, 800), device: at(2560, 1600) }), at(1280, 800));
});

test('any other is scaled, and none is none', () => {
  for (const picture of [at(1282, 768), at(1278, 768), at(1280, 720), at(0, 0)])
    assert.is(toSharpSize(picture, { css: at(1280, 768), device: at(1280, 768) }), undefined);
});

test.run();
