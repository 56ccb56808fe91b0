import { assert, suite } from '#test/suite';
import { toToken } from '../../pages/token.ts';
import { toViewerAddress } from '../../pages/viewer-address.ts';

const test = suite('addresses of pages');

test('the token is read from the fragment', () => {
  assert.is(toToken('#token=abc_-1'), 'abc_-1');
  assert.is(toToken('#a=b&token=x.y'), 'x.y');
  for (const hash of ['', '#', '#token=', '#tok=x']) assert.is(toToken(hash), undefined);
});

test('a viewer’s address gets its token when it has none', () => {
  const base = 'http://127.0.0.1:8080/';
  assert.is(toViewerAddress({ url: '/desktop?session=s', token: 't' }, base), 'http://127.0.0.1:8080/desktop?session=s#token=t');
  assert.is(
    toViewerAddress({ url: 'https://o.test/desktop?session=s#token=t', token: 't' }, base),
    'https://o.test/desktop?session=s#token=t',
  );
});

test('a viewer’s address that is no web page is refused', () => {
  assert.throws(() => toViewerAddress({ url: 'javascript:alert(1)', token: 't' }, 'http://127.0.0.1/'));
});

test.run();
