import type { Layer } from '../layer.ts';

const PERL = 'of scripts that nothing here calls: the wrapper of the terminal and parts of git do with perl-base, which stays';

export const terminal: Layer = {
  name: 'terminal',
  packages: [{ name: 'xfce4-terminal', why: 'the terminal on the desktop' }],
  remove: ['perl', 'liberror-perl', 'liblocale-gettext-perl', 'libperl5.40', 'perl-modules-5.40'].map((name) => ({ name, why: PERL })),
};
