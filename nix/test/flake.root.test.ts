import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isThere } from '#scripts/is-there';
import { assert, suite } from '#test/suite';
import { toNpmHash } from '../generate.ts';

const test = suite('nix: flake', { timeoutMs: 120_000 });
const ROOT = join(import.meta.dirname, '../..');
const WHY = 'nix is not installed';
let dir = '';

test.before(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-flake-'))));
test.after(() => {
  // A store's files are for nobody to write.
  execFileSync('chmod', ['-R', 'u+w', dir]);
  rmSync(dir, { recursive: true });
});

if (isThere('nix')) {
  test('nix flake check passes on what git has, with the stand-in for nixpkgs', () => {
    const { status, stderr } = check(copyTree('tree'));
    assert.is(status, 0, stderr);
  });

  for (const [what, file, from, to, words] of [
    [
      'an assertion that no longer holds',
      'nix/module/assertions.nix',
      'lib.hasPrefix "127."',
      'lib.hasPrefix ""',
      /not true: .*without an address is told/,
    ],
    ['a variable that the unit loses', 'nix/module/unit.nix', 'lib.mapAttrs (_: toText) given //', '', /attribute 'ORIEL_WARM' missing/],
    ['a package that is none', 'nix/packages.nix', 'inherit modules debs;', 'inherit debs; modules = { };', /not a derivation/],
    ['a tool that nobody has', 'nix/dev-shell.nix', '    just\n', '    unjust\n', /unjust/],
  ] as const) {
    test(`${what} is found out`, () => {
      const tree = copyTree(file.replaceAll('/', '-'));
      const text = readFileSync(join(tree, file), 'utf8');
      assert.ok(text.includes(from));
      writeFileSync(join(tree, file), text.replace(from, to));
      const { status, stderr } = check(tree);
      assert.is.not(status, 0);
      assert.match(stderr, words);
    });
  }

  test('each locked .deb is fetched by its hash: as many as the locks have', () => {
    const locks = ['root', 'builder', 'kernel'].map(
      (name) => JSON.parse(readFileSync(join(ROOT, `images/lock/${name}.json`), 'utf8')) as Lock,
    );
    const wanted = new Set(locks.flatMap(({ packages }) => packages.map(({ sha256 }) => sha256)));
    const found = nix(copyTree('debs'), ['eval', '--json', '.#packages.x86_64-linux.debs.paths']);
    assert.is(found.status, 0, found.stderr);
    const names = (JSON.parse(found.stdout) as string[]).map((path) => path.split('.')[0]!);
    assert.equal(new Set(names), wanted);
  });

  test('the hash of the npm packages is that of what is installed (after a change: just nix-generate)', () => {
    assert.equal(JSON.parse(readFileSync(join(ROOT, 'nix/npm.json'), 'utf8')), JSON.parse(toNpmHash()));
  });
} else test.skip('the flake', WHY);

test.run();

interface Lock {
  packages: { sha256: string }[];
}

/** What the flake reads, as files of no repository: nix takes them as they are. */
function copyTree(name: string): string {
  const tree = join(dir, name);
  for (const path of ['flake.nix', 'flake.lock', 'nix', 'images/lock', 'package.json', 'package-lock.json', '.npmrc'])
    cpSync(join(ROOT, path), join(tree, path), { recursive: true });
  return tree;
}

function check(tree: string) {
  return nix(tree, ['flake', 'check', '--no-build']);
}

/** A store of its own, no network, nobody else's configuration. */
function nix(tree: string, [verb, ...args]: string[]) {
  const env = {
    PATH: process.env.PATH,
    HOME: join(dir, 'home'),
    NIX_CONF_DIR: dir,
    NIX_CONFIG: 'experimental-features = nix-command flakes\nbuild-users-group =',
  };
  const options = [
    '--offline',
    '--store',
    join(dir, 'store'),
    '--no-write-lock-file',
    '--override-input',
    'nixpkgs',
    `path:${tree}/nix/stub`,
  ];
  const words = verb === 'flake' ? ['flake', args.shift()!] : [verb!];
  const found = spawnSync('nix', [...words, ...options, ...args], { cwd: tree, env, encoding: 'utf8' });
  // Colours would come between words.
  return { ...found, stderr: found.stderr.replace(/\x1b\[[0-9;]*m/g, '') };
}
