import { suite, assert } from '#test/suite';
import { isAllowedOrigin } from '../../src/auth/cors.ts';

const test = suite('cors');

for (const [origin, allowed] of [
  [undefined, true],
  ['http://oriel.test:7080', true],
  ['https://product.example', true],
  ['https://evil.example', false],
  ['http://oriel.test', false],
  ['null', false],
  ['', false],
] as const) {
  test(`a WebSocket with Origin ${origin} is ${allowed ? 'taken' : 'refused'}`, () => {
    assert.is(isAllowedOrigin(origin, 'oriel.test:7080', ['https://product.example']), allowed);
  });
}

test.run();
