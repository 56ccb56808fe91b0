# node_modules, as npm itself installs package-lock.json. The lock names integrity and no registry: npm's own is asked, or the one that
# npm_config_registry names in the daemon's environment. The hash is of the whole folder; nix/test compares it with what `just modules` installed.
{ lib, pkgs }:
pkgs.stdenvNoCC.mkDerivation {
  name = "oriel-node-modules";
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [ ../package.json ../package-lock.json ../.npmrc ];
  };
  nativeBuildInputs = [ pkgs.cacert pkgs.nodejs_24 ];
  impureEnvVars = lib.fetchers.proxyImpureEnvVars ++ [ "npm_config_registry" ];
  buildPhase = ''
    export HOME=$TMPDIR
    # The npm that the lock was written with; the first is only there to fetch it.
    npm ci --ignore-scripts
    node node_modules/npm/bin/npm-cli.js ci --ignore-scripts
  '';
  # npm's notes of how it got there are not the packages.
  installPhase = "rm node_modules/.package-lock.json && mv node_modules $out";
  # Nothing in it is this system's: patching would change what the hash is of.
  dontFixup = true;
  outputHashMode = "recursive";
  outputHashAlgo = "sha256";
  outputHash = (builtins.fromJSON (builtins.readFile ./npm.json)).hash;
}
