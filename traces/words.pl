# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# The program behind perl.trc.zst: a table of 6,000 records, looked up and changed in a random order, and now and
# then sorted in part. Its own generator, so that every run is the same.
use strict;
use warnings;

my $state = 1;

sub random {
    my ($below) = @_;
    $state = ($state * 1103515245 + 12345) & 0x7fffffff;
    return ($state >> 8) % $below;
}

my %table;
$table{ 'key' . $_ } = { count => 0, text => 'value ' . $_ } for 1 .. 6000;
my $sum = 0;
for my $round (1 .. 400) {
    my @some = map { 'key' . (1 + random(6000)) } 1 .. 20;
    for my $key (sort @some) {
        my $record = $table{$key};
        $record->{count}++;
        $sum += length $record->{text};
    }
    delete $table{ 'old' . ($round - 50) };
    $table{ 'old' . $round } = { count => $round, text => join ',', @some[ 0 .. 3 ] };
}
print "$sum\n";
