import { suite, assert } from '#test/suite';
import { whyDenied } from '../../src/egress/denied-address.ts';
import { toHost } from '../../src/egress/host-name.ts';

const test = suite('egress: host names');

const FORMS: Record<string, string[]> = {
  '127.0.0.1': [
    '127.0.0.1',
    '127.0.0.1.',
    '2130706433',
    '017700000001',
    '0x7f000001',
    '0x7F.1',
    '127.1',
    '0177.0.0.1',
    '0x7f.0x0.0x0.0x1',
    '１２７.０.０.１',
    '%31%32%37.0.0.1',
  ],
  '169.254.169.254': ['2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.16689662', '①⑥⑨.②⑤④.①⑥⑨.②⑤④'],
  '::1': ['[::1]', '::1', '[0:0:0:0:0:0:0:1]', '[0000::0001]'],
  '::ffff:7f00:1': ['[::ffff:127.0.0.1]', '[::FFFF:7F00:0001]', '::ffff:127.0.0.1', '[0:0:0:0:0:ffff:127.0.0.1]'],
  '64:ff9b::a9fe:a9fe': ['[64:ff9b::169.254.169.254]'],
  localhost: ['localhost', 'LOCALHOST', 'LocalHost.', 'ｌｏｃａｌｈｏｓｔ', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', '%6cocalhost'],
  'xn--bcher-kva.example': ['bücher.example', 'BÜCHER.example', 'xn--bcher-kva.example', 'XN--BCHER-KVA.EXAMPLE.', 'bücher。example'],
  'a_b.example': ['a_b.example'],
};

for (const [host, forms] of Object.entries(FORMS)) {
  test(`${host}: ${forms.join(' ')}`, () => {
    for (const form of forms) assert.is(toHost(form), host, form);
  });
}

test('each way to write a forbidden address is denied once it has its one form', () => {
  for (const host of ['127.0.0.1', '169.254.169.254', '::1', '::ffff:7f00:1', '64:ff9b::a9fe:a9fe'])
    for (const form of FORMS[host]!) assert.ok(whyDenied(toHost(form)!), form);
  assert.is(whyDenied(toHost('0x01010101')!), undefined, 'and one that is not forbidden is not');
});

const NONE = [
  '',
  '.',
  '..',
  'a..b',
  'a.example..',
  'a b',
  'a/b',
  'a@b',
  'a:80',
  'a#b',
  'a?b',
  'a\\b',
  '[::1',
  '::1]',
  '[fe80::1%eth0]',
  'fe80::1%25eth0',
  '256.0.0.1',
  '1.2.3.4.5',
  '0x100000000',
  '%',
  '%00',
  'a%2fb',

  `${'a'.repeat(64)}.`.repeat(4),
];
for (const form of NONE) test(`${JSON.stringify(form.slice(0, 30))} is no host`, () => assert.is(toHost(form), undefined));

test.run();
