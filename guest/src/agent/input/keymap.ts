import { MODIFIER_KEYS, PLAIN_KEYS, PRELOADED_CHARACTERS, SPARE_KEYCODES, TYPING_KEYS } from './us-keys.ts';

/** A key sym put on a key code, at every level: Shift makes no difference to it. */
export interface SpareKey {
  keycode: number;
  keysym: number;
}

/** X key sym of a character: its code for Latin-1, 0x01000000 + code point beyond. */
export function toKeysym(character: string): number {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? code : 0x01000000 + code;
}

export const PRELOADED: readonly SpareKey[] = [...PRELOADED_CHARACTERS].map((character, index) => ({
  keycode: SPARE_KEYCODES[index]!,
  keysym: toKeysym(character),
}));

/** The whole keymap as `xkbcomp` reads it: one upload when X has started, so that nothing is remapped for usual typing. */
export function toXkbText(spares: readonly SpareKey[] = PRELOADED): string {
  return `xkb_keymap {
xkb_keycodes "oriel" { include "evdev+aliases(qwerty)"
${spares.map(({ keycode }) => `<O${keycode}> = ${keycode};`).join('\n')}
};
xkb_types "oriel" { include "complete" };
xkb_compatibility "oriel" { include "complete" };
xkb_symbols "oriel" {
name[Group1] = "English (US)";
${TYPING_KEYS.map(([name, , plain, shifted]) => `key <${name}> { [ ${toHex(plain)}, ${toHex(shifted)} ] };`).join('\n')}
${PLAIN_KEYS.map(([name, , keysym]) => toOneLevel(name, keysym)).join('\n')}
${MODIFIER_KEYS.map(([name, , keysym]) => toOneLevel(name, keysym)).join('\n')}
${MODIFIER_KEYS.map(([name, , , modifier]) => `modifier_map ${modifier} { <${name}> };`).join('\n')}
key <NMLK> { [ Num_Lock ] };
modifier_map Mod2 { <NMLK> };
key <LVL3> { [ ISO_Level3_Shift ] };
modifier_map Mod5 { <LVL3> };
${spares.map(({ keycode, keysym }) => toOneLevel(`O${keycode}`, keysym)).join('\n')}
};
};
`;
}

/** `xmodmap` lines that put key syms on spare keys. Told twice, so that X does not add the other case of a letter for Shift. */
export function toXmodmapText(spares: readonly SpareKey[]): string {
  return spares.map(({ keycode, keysym }) => `keycode ${keycode} = 0x${keysym.toString(16)} 0x${keysym.toString(16)}\n`).join('');
}

function toOneLevel(name: string, keysym: number): string {
  return `key <${name}> { type = "ONE_LEVEL", [ 0x${keysym.toString(16)} ] };`;
}

function toHex(character: string): string {
  return `0x${toKeysym(character).toString(16)}`;
}
