/** One key at one level of a layout: what must be held, and the name of the key sym that it gives. */
export interface LayoutKey {
  keycode: number;
  level: Level;
  name: string;
}

export const LEVELS = ['plain', 'Shift', 'AltGr', 'Shift+AltGr'] as const;
export type Level = (typeof LEVELS)[number];

/** Names of XKB for the keys of a keyboard that print: rows, the space bar, and what ISO and JIS keyboards have more. */
const PRINTING = /^(TLDE|AE(0[1-9]|1[0-3])|AD(0[1-9]|1[0-2])|AC(0[1-9]|1[0-2])|AB(0[1-9]|1[01])|BKSL|LSGT|SPCE)$/;
/** Key syms that print nothing and start nothing. */
const SILENT =
  /^(NoSymbol|VoidSymbol|0|XF86\w+|ISO_\w+|Multi_key|Zenkaku_Hankaku|Kanji|Hiragana_Katakana|Hiragana|Katakana|Eisu_toggle|Muhenkan|Henkan\w*)$/;

/**
 * The printing keys of the layout that an X server has, from what `xkbcomp -xkb` says of it. AltGr's levels only where the key beside
 * the space bar is AltGr, and where they differ from those without.
 */
export function toLayoutKeys(xkb: string): LayoutKey[] {
  const keycodes = new Map([...xkb.matchAll(/<(\w+)> = (\d+);/g)].map(([, name, keycode]) => [name!, Number(keycode)]));
  const symbols = new Map([...xkb.matchAll(/key\s+<(\w+)>\s*\{([^}]*)\}/g)].map(([, name, body]) => [name!, toNames(body!)]));
  const hasAltGr = symbols.get('RALT')?.[0] === 'ISO_Level3_Shift';
  return LEVELS.slice(0, hasAltGr ? 4 : 2).flatMap((level, index) =>
    [...symbols]
      .filter(([key]) => PRINTING.test(key) && keycodes.has(key))
      .map(([key, names]) => ({ keycode: keycodes.get(key)!, level, name: names[index] ?? 'NoSymbol' }))
      .filter(({ name }) => !SILENT.test(name)),
  );
}

/** Starts a composition and prints with the next key. */
export const isDead = ({ name }: LayoutKey): boolean => name.startsWith('dead_');

/** Key syms of the first group. */
function toNames(body: string): string[] {
  const list = /symbols\[Group1\]\s*=\s*\[([^\]]*)\]/i.exec(body) ?? /\[([^\]]*)\]/.exec(body.replace(/(symbols|actions)\[\w+\]/g, ''));
  return (list?.[1] ?? '').split(',').map((name) => name.trim());
}
