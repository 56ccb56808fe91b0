# The golden image by the same builder from the same lock. It wants root, mounts and namespaces, which a sandbox has not: it runs in a
# virtual machine of nixpkgs' own (vmTools), as root and without a network. Every package is in its cache before it begins.
{ debs, modules, pkgs, self, version }:
pkgs.vmTools.runInLinuxVM (
  pkgs.stdenvNoCC.mkDerivation {
    pname = "oriel-golden-image";
    inherit version;
    src = self;
    memSize = 4096;
    preVM = pkgs.vmTools.createEmptyImage { size = 16384; fullName = "scratch"; };
    nativeBuildInputs = with pkgs; [ dpkg e2fsprogs erofs-utils mmdebstrap nodejs_24 util-linux ];
    buildCommand = ''
      mkfs.ext4 -q /dev/vda && mkdir /work && mount /dev/vda /work && cd /work
      cp -r --no-preserve=mode $src tree && ln -s ${modules} tree/node_modules
      mkdir cache && cp -r --dereference ${debs} cache/debs
      export ORIEL_CACHE_DIR=$PWD/cache ORIEL_IMAGE_DIR=$PWD/images ORIEL_DEBIAN_MIRROR=file:///var/empty
      node tree/images/src/main.ts build --variant lz4hc
      mkdir $out && cp -r images/. $out/ && rm -rf $out/tmp
    '';
  }
)
