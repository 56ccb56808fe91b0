# The controller, its egress process and its pages, with the Node of nixpkgs: the one from npm looks for its loader where NixOS has none.
{ modules, pkgs, self, version }:
pkgs.stdenvNoCC.mkDerivation {
  pname = "oriel-controller";
  inherit version;
  src = self;
  nativeBuildInputs = [ pkgs.makeWrapper pkgs.nodejs_24 ];
  buildPhase = ''
    ln -s ${modules} node_modules
    node controller/viewer/build.ts
    node controller/build.ts
  '';
  installPhase = ''
    mkdir -p $out/lib/controller/viewer
    cp package.json $out/lib/
    cp -r controller/dist $out/lib/controller/dist
    cp -r controller/viewer/dist $out/lib/controller/viewer/dist
    cp -r infra $out/lib/infra
    chmod +x $out/lib/controller/dist/machines/drivers/*/*.sh
    makeWrapper ${pkgs.nodejs_24}/bin/node $out/bin/oriel \
      --set-default MALLOC_ARENA_MAX 1 \
      --set-default MALLOC_TRIM_THRESHOLD_ 131072 \
      --add-flags "--disable-warning=ExperimentalWarning --optimize-for-size $out/lib/controller/dist/main.cjs"
  '';
  meta = {
    description = "Boots disposable Linux desktops and serves them to browsers";
    license = pkgs.lib.licenses.asl20;
    mainProgram = "oriel";
    platforms = [ "x86_64-linux" ];
  };
}
