#!/bin/sh
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# `lockwalk check --on rtl` on a small world of x86 and a classical one: right it passes, and with each part of an answer
# changed it fails and names that part.
set -u
lockwalk=${LOCKWALK_BIN:?the program to test}
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
failed=0

cat >"$folder/x86.tv" <<'END'
world 3 isa=x86_64 mode=pml4 cr3=0x1000 wp=1 nxe=1 maxpa=40 ram=0x0:0x10000
m 0x1000 0x2027
m 0x2000 0x3027
m 0x3000 0x4027
m 0x4000 0x8000000012345007
a U R 0x123 = pa 0x12345123 size=0x1000
u 0x4000 0x8000000012345027
a U X 0x124 = fault 0x15 tval=0x124
a S R 0x800000000000 = fault gp tval=0x800000000000
end
END
cat >"$folder/classic.tv" <<'END'
world 4 isa=classic mode=inverted root=0x10 aux=0x11 plg=9 rows_lg=1 adue=1 ram=0x10000:0x2000
m 0x11000 0x3
m 0x10020 0x1
m 0x10028 0x280bd
a U R 0x10 = pa 0x5010 size=0x200
u 0x10028 0x280fd
a S R 0x200 = fault 0x9 tval=0x200
end
END

# expect STATUS FILE TEXT: what a run must end with, and say
expect() {
    "$lockwalk" check --on rtl "$2" >"$folder/out" 2>&1
    status=$?
    if [ $status -ne "$1" ] || ! grep -q -- "$3" "$folder/out"; then
        echo "expected status $1 and '$3', found $status:"
        cat "$folder/out"
        failed=1
    fi
}

# wrong FILE FROM TO WHAT
wrong() {
    sed "s/$2/$3/" "$folder/$1.tv" >"$folder/wrong.tv"
    if cmp -s "$folder/$1.tv" "$folder/wrong.tv"; then
        echo "nothing in $1.tv is '$2'"
        failed=1
    fi
    expect 1 "$folder/wrong.tv" ", cold, differs in $4\$"
}

expect 0 "$folder/x86.tv" "PASS: on rtl, 3 accesses of 1 worlds compared, 0 mismatches, 1 changed words"
wrong x86 "pa 0x12345123" "pa 0x12345122" pa
wrong x86 size=0x1000 size=0x200000 size
wrong x86 "fault 0x15" "fault 0x5" cause
wrong x86 "fault gp" "fault 0x5" cause
wrong x86 tval=0x124 tval=0x128 tval
wrong x86 "fault 0x15 tval=0x124" "pa 0x12345124" outcome
wrong x86 "12345027" "12345067" words

expect 0 "$folder/classic.tv" "PASS: on rtl, 2 accesses of 1 worlds compared, 0 mismatches, 1 changed words"
wrong classic "pa 0x5010" "pa 0x5011" pa
wrong classic size=0x200 size=0x400 size
wrong classic "fault 0x9" "fault 0xa" cause
wrong classic tval=0x200 tval=0x201 tval
wrong classic "fault 0x9 tval=0x200" "pa 0x5200" outcome
wrong classic 0x280fd 0x280ff words
exit $failed
