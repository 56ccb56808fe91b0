import { assert, suite } from '#test/suite';
import { toRefusal } from '../../src/websockify/access.ts';

const test = suite('websockify access');
const secret = 'V'.repeat(43);
const authorization = `Bearer ${secret}`;

test('the secret on the right path lets in', () => {
  assert.is(toRefusal({ url: '/websockify', headers: { authorization } }, secret), undefined);
});

test('a page never gets in, even with the secret', () => {
  for (const origin of ['http://evil.example', 'null', '']) {
    assert.is(toRefusal({ url: '/websockify', headers: { authorization, origin } }, secret), 'origin');
  }
});

test('without the secret, or with another, nobody gets in', () => {
  const told = [undefined, '', 'Bearer ', `Bearer ${'x'.repeat(43)}`, secret, `${authorization}x`, `Basic ${secret}`];
  for (const one of told)
    assert.is(toRefusal({ url: '/websockify', headers: one === undefined ? {} : { authorization: one } }, secret), 'secret');
});

test('nothing else is served', () => {
  for (const url of ['/', '/websockify/', '/vnc.html', '//websockify', '//', 'http://[', '*', ''])
    assert.is(toRefusal({ url, headers: { authorization } }, secret), 'path');
});

test.run();
