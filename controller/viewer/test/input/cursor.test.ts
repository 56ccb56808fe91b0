import { assert, suite } from '#test/suite';
import { toCssCursor } from '../../src/input/cursor.ts';

const test = suite('cursor');

const SHAPE = { png: 'iVBORw0KGgo=', width: 24, height: 24, hotX: 3, hotY: 4 };

test('a shape becomes an image with its hot spot', () => {
  assert.is(toCssCursor(SHAPE), 'url("data:image/png;base64,iVBORw0KGgo=") 3 4, default');
});

test('a hot spot outside the shape is moved to its edge', () => {
  assert.is(toCssCursor({ ...SHAPE, hotX: 99, hotY: -1 }), 'url("data:image/png;base64,iVBORw0KGgo=") 23 0, default');
});

test('no shape is no cursor, one too large is the arrow', () => {
  assert.is(toCssCursor({ ...SHAPE, width: 0, png: '' }), 'none');
  assert.is(toCssCursor({ ...SHAPE, width: 129 }), 'default');
});

test('text that is no base64 never gets into the style', () => {
  for (const png of ['x") , url("https://evil.test/', 'a b', '']) assert.is(toCssCursor({ ...SHAPE, png }), 'default');
});

test.run();
