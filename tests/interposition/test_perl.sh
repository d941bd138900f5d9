#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# perl: big hashes, sorting, fork and pipes.
# shellcheck disable=SC2016  # perl expands
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

need_program perl
export PERL_HASH_SEED=0

same hashes perl perl -e '
  my %h; $h{$_ * 7919 % 200003} .= "v$_," for 1 .. 300000;
  my $sum = 0;
  $sum = ($sum * 31 + length $h{$_}) % 1000000007 for sort { $a <=> $b } keys %h;
  print scalar(keys %h), " $sum\n";
'
same sorting perl perl -e '
  my $x = 42;
  my @a = map { $x = ($x * 1103515245 + 12345) % 2147483648 } 1 .. 300000;
  my @s = sort { $a <=> $b } @a;
  print "$s[0] $s[-1] $s[150000]\n";
  print join(",", (sort map { "k$_" } @a)[0 .. 9]), "\n";
'
same forks perl perl -e '
  $| = 1;
  my @keep = map { "x" x $_ } 1 .. 3000;
  for my $n (1 .. 20) {
    pipe(my $in, my $out) or die;
    my $pid = fork; die unless defined $pid;
    if (!$pid) {
      my @more = map { $_ x $n } @keep;
      print $out length(join "", @more), "\n";
      close $out;
      exit $n;
    }
    close $out;
    my $line = <$in>;
    waitpid $pid, 0;
    print "$n ", $? >> 8, " $line";
  }
'
same regular_expressions perl perl -e '
  my $t = join " ", map { "word$_ " . ("ab" x ($_ % 30)) } 1 .. 40000;
  my $n = () = $t =~ /\b(word\d*7) (?:ab)+/g;
  (my $u = $t) =~ s/(\d+)/<$1>/g;
  print "$n ", length($u), "\n";
'
done_testing
