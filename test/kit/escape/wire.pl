#!/usr/bin/perl
# Frames as they are on a wire, for tests: Node has no such sockets.
#
#   wire.pl send INTERFACE TIMES   sends each line of standard input, in hex, as a frame, so many times
#   wire.pl watch                  says `ready`, then each new mark (escape1w2) that passes any interface of its network namespace; ends with standard input
use strict;
use warnings;
use Socket;

use constant { AF_PACKET => 17, ETH_P_ALL => 0x0003 };
$| = 1;
my ($verb, $interface, $times) = @ARGV;
socket(my $wire, AF_PACKET, SOCK_RAW, unpack('S', pack('n', ETH_P_ALL))) or die "socket: $!\n";

if ($verb eq 'send') {
  open(my $index, '<', "/sys/class/net/$interface/ifindex") or die "$interface: $!\n";
  # struct sockaddr_ll
  my $to = pack('S n i S C C a8', AF_PACKET, ETH_P_ALL, <$index>, 1, 0, 6, "\0" x 8);
  while (my $line = <STDIN>) {
    chomp $line;
    my $frame = pack('H*', $line);
    for (1 .. $times) { send($wire, $frame, 0, $to) or die "send: $!\n" }
  }
} else {
  my %seen;
  print "ready\n";
  for (;;) {
    my $ready = '';
    vec($ready, fileno($wire), 1) = 1;
    vec($ready, fileno(STDIN), 1) = 1;
    select($ready, undef, undef, undef);
    exit 0 if vec($ready, fileno(STDIN), 1) && !sysread(STDIN, my $end, 1);
    next unless vec($ready, fileno($wire), 1) && defined recv($wire, my $frame, 65536, 0);
    while ($frame =~ /escape(\d+w\d+)/g) { print "$1\n" unless $seen{$1}++ }
  }
}
