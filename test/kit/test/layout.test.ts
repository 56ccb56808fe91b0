import { isDead, toLayoutKeys } from '#test/layout';
import { assert, suite } from '#test/suite';

const test = suite('layout');

const XKB = (rightAlt: string) => `xkb_keymap {
xkb_keycodes { <ESC> = 9; <AE01> = 10; <AE12> = 21; <AC01> = 38; <RALT> = 108; <SPCE> = 65; };
xkb_symbols {
    key  <ESC> {         [          Escape ] };
    key <AE01> {         [               1,          exclam,     onesuperior,        NoSymbol ] };
    key <AE12> {         [      dead_acute,      dead_grave ] };
    key <AC01> {
        type= "FOUR_LEVEL_ALPHABETIC",
        symbols[Group1]= [               a,               A,              ae,              AE ],
        symbols[Group2]= [      Cyrillic_a,      Cyrillic_A ]
    };
    key <RALT> {         [ ${rightAlt} ] };
    key <SPCE> { type= "ONE_LEVEL", [ space ] };
};`;

test('keys that print have a level for each way to press them, others none', () => {
  const keys = toLayoutKeys(XKB('ISO_Level3_Shift'));
  const of = (level: string) => keys.filter((key) => key.level === level).map(({ name }) => name);
  assert.equal(of('plain'), ['1', 'dead_acute', 'a', 'space']);
  assert.equal(of('Shift'), ['exclam', 'dead_grave', 'A']);
  assert.equal(of('AltGr'), ['onesuperior', 'ae']);
  assert.equal(of('Shift+AltGr'), ['AE']);
  assert.is(keys.find(({ name }) => name === 'ae')!.keycode, 38);
});

test('a layout whose right Alt is Alt has no AltGr', () => {
  assert.equal([...new Set(toLayoutKeys(XKB('Alt_R, Meta_R')).map(({ level }) => level))], ['plain', 'Shift']);
});

test('dead keys are known by name', () => {
  assert.equal(
    toLayoutKeys(XKB('Alt_R'))
      .filter(isDead)
      .map(({ name }) => name),
    ['dead_acute', 'dead_grave'],
  );
});

test.run();
