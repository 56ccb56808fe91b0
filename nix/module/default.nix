# services.oriel: the controller as a unit of systemd. Options, what must be true of them, and what they come to, apart.
{ packages }:
{
  imports = [
    (import ./options.nix { inherit packages; })
    ./assertions.nix
    ./host.nix
    ./unit.nix
  ];
}
