/**
 * The desktop's keyboard: a US one with evdev's key codes (what Chromium and toolkits take for granted on Linux).
 * `name` is the key's in XKB's "evdev" key codes. Key sym values: X.org's keysymdef.h; for ASCII they are the character code.
 */

/** Keys that type: name, X key code, character without and with Shift. */
export const TYPING_KEYS: ReadonlyArray<readonly [name: string, keycode: number, plain: string, shifted: string]> = [
  ['TLDE', 49, '`', '~'],
  ['AE01', 10, '1', '!'],
  ['AE02', 11, '2', '@'],
  ['AE03', 12, '3', '#'],
  ['AE04', 13, '4', '$'],
  ['AE05', 14, '5', '%'],
  ['AE06', 15, '6', '^'],
  ['AE07', 16, '7', '&'],
  ['AE08', 17, '8', '*'],
  ['AE09', 18, '9', '('],
  ['AE10', 19, '0', ')'],
  ['AE11', 20, '-', '_'],
  ['AE12', 21, '=', '+'],
  ['AD01', 24, 'q', 'Q'],
  ['AD02', 25, 'w', 'W'],
  ['AD03', 26, 'e', 'E'],
  ['AD04', 27, 'r', 'R'],
  ['AD05', 28, 't', 'T'],
  ['AD06', 29, 'y', 'Y'],
  ['AD07', 30, 'u', 'U'],
  ['AD08', 31, 'i', 'I'],
  ['AD09', 32, 'o', 'O'],
  ['AD10', 33, 'p', 'P'],
  ['AD11', 34, '[', '{'],
  ['AD12', 35, ']', '}'],
  ['AC01', 38, 'a', 'A'],
  ['AC02', 39, 's', 'S'],
  ['AC03', 40, 'd', 'D'],
  ['AC04', 41, 'f', 'F'],
  ['AC05', 42, 'g', 'G'],
  ['AC06', 43, 'h', 'H'],
  ['AC07', 44, 'j', 'J'],
  ['AC08', 45, 'k', 'K'],
  ['AC09', 46, 'l', 'L'],
  ['AC10', 47, ';', ':'],
  ['AC11', 48, "'", '"'],
  ['BKSL', 51, '\\', '|'],
  ['AB01', 52, 'z', 'Z'],
  ['AB02', 53, 'x', 'X'],
  ['AB03', 54, 'c', 'C'],
  ['AB04', 55, 'v', 'V'],
  ['AB05', 56, 'b', 'B'],
  ['AB06', 57, 'n', 'N'],
  ['AB07', 58, 'm', 'M'],
  ['AB08', 59, ',', '<'],
  ['AB09', 60, '.', '>'],
  ['AB10', 61, '/', '?'],
];

/** Keys that do the same with and without Shift: name, X key code, key sym. */
export const PLAIN_KEYS: ReadonlyArray<readonly [name: string, keycode: number, keysym: number]> = [
  ['SPCE', 65, 0x20],
  ['ESC', 9, 0xff1b],
  ['BKSP', 22, 0xff08],
  ['TAB', 23, 0xff09],
  ['RTRN', 36, 0xff0d],
  ['FK01', 67, 0xffbe],
  ['FK02', 68, 0xffbf],
  ['FK03', 69, 0xffc0],
  ['FK04', 70, 0xffc1],
  ['FK05', 71, 0xffc2],
  ['FK06', 72, 0xffc3],
  ['FK07', 73, 0xffc4],
  ['FK08', 74, 0xffc5],
  ['FK09', 75, 0xffc6],
  ['FK10', 76, 0xffc7],
  ['FK11', 95, 0xffc8],
  ['FK12', 96, 0xffc9],
  ['PRSC', 107, 0xff61],
  ['PAUS', 127, 0xff13],
  ['HOME', 110, 0xff50],
  ['UP', 111, 0xff52],
  ['PGUP', 112, 0xff55],
  ['LEFT', 113, 0xff51],
  ['RGHT', 114, 0xff53],
  ['END', 115, 0xff57],
  ['DOWN', 116, 0xff54],
  ['PGDN', 117, 0xff56],
  ['INS', 118, 0xff63],
  ['DELE', 119, 0xffff],
  ['COMP', 135, 0xff67],
  // The keypad types digits whatever Num Lock says: the viewer's own Num Lock has chosen the key sym already.
  ['KPMU', 63, 0xffaa],
  ['KP7', 79, 0xffb7],
  ['KP8', 80, 0xffb8],
  ['KP9', 81, 0xffb9],
  ['KPSU', 82, 0xffad],
  ['KP4', 83, 0xffb4],
  ['KP5', 84, 0xffb5],
  ['KP6', 85, 0xffb6],
  ['KPAD', 86, 0xffab],
  ['KP1', 87, 0xffb1],
  ['KP2', 88, 0xffb2],
  ['KP3', 89, 0xffb3],
  ['KP0', 90, 0xffb0],
  ['KPDL', 91, 0xffae],
  ['KPEN', 104, 0xff8d],
  ['KPDV', 106, 0xffaf],
  ['KPEQ', 125, 0xffbd],
];

export type Modifier = 'Shift' | 'Control' | 'Mod1' | 'Mod4';

/** Modifier keys: name, X key code, key sym, what they modify (Mod1 is Alt, Mod4 is Super). */
export const MODIFIER_KEYS: ReadonlyArray<readonly [name: string, keycode: number, keysym: number, modifier: Modifier]> = [
  ['LFSH', 50, 0xffe1, 'Shift'],
  ['RTSH', 62, 0xffe2, 'Shift'],
  ['LCTL', 37, 0xffe3, 'Control'],
  ['RCTL', 105, 0xffe4, 'Control'],
  ['LALT', 64, 0xffe9, 'Mod1'],
  ['RALT', 108, 0xffea, 'Mod1'],
  ['LWIN', 133, 0xffeb, 'Mod4'],
  ['RWIN', 134, 0xffec, 'Mod4'],
];

/** Key syms that this keyboard sends as another one. */
export const SAME_AS: ReadonlyMap<number, number> = new Map([
  [0xfe20, 0xff09], // ISO_Left_Tab: Shift is told on its own
  [0xffe7, 0xffeb], // Meta_L, the Command key of a Mac
  [0xffe8, 0xffec],
  [0xff95, 0xff50], // keypad without Num Lock: Home, Left, Up, Right, Down, Prior, Next, End, Insert, Delete
  [0xff96, 0xff51],
  [0xff97, 0xff52],
  [0xff98, 0xff53],
  [0xff99, 0xff54],
  [0xff9a, 0xff55],
  [0xff9b, 0xff56],
  [0xff9c, 0xff57],
  [0xff9e, 0xff63],
  [0xff9f, 0xffff],
]);

/**
 * Keys whose work the viewer's own keyboard has done already (it tells the key sym that came out of it): locks, and the
 * keys that choose a third level. Passed on, they would be done twice.
 */
export const LEFT_OUT: ReadonlySet<number> = new Set([
  0xffe5, // Caps_Lock
  0xffe6, // Shift_Lock
  0xff7f, // Num_Lock
  0xff14, // Scroll_Lock
  0xfe03, // ISO_Level3_Shift
  0xfe11, // ISO_Level5_Shift
  0xff7e, // Mode_switch
]);

/**
 * Key codes on which any other key sym can be put. Chromium gives none of them a meaning of its own: on 166, a "€" would
 * also be "browser back" (ui/events/keycodes/dom/dom_code_data.inc). 97 to 102 and others stay empty: x11vnc takes
 * those for what its viewers type.
 */
export const SPARE_KEYCODES: readonly number[] = [
  103, 109, 120, 138, 147, 149, 153, 154, 155, 156, 157, 159, 161, 162, 165, 168, 170, 178, 183, 184, 185, 186, 208, 210, 211, 213, 219,
  220, 221, 222, 223, 224, 226, 227, 228, 229, 230, 231, 234, 244, 245, 246, 247, 248, 249, 250, 251, 253, 254, 255,
];

/**
 * On spare keys from the start. First what other layouts type with Shift and the US one without; then letters of
 * western Europe. Everything else gets a spare key the first time that it is typed.
 */
export const PRELOADED_CHARACTERS = "0123456789-=[]\\;',./`" + 'äöüÄÖÜß€§°éèêàâçùôîñÑ¿¡£µåøæ';
