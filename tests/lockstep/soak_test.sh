#!/bin/sh
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# scripts/soak counts what is clean, tells what is not, and does not take silence for success.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# A pretended lockwalk: seed 2 ends as $1 says, all others are clean.
pretend() {
    cat >"$work/lockwalk" <<END
#!/bin/sh
case "\$*" in
*--build-only*) exit 0 ;;
*"--random 2 "*) $1 ;;
*) echo "PASS: it is" ;;
esac
END
    chmod +x "$work/lockwalk"
}

# expect STATUS TEXT ARGUMENT...
expect() {
    status=$1 text=$2
    shift 2
    LOCKWALK_BIN=$work/lockwalk "$root/scripts/soak" "$@" >"$work/out" 2>&1
    got=$?
    if [ $got -ne "$status" ] || ! grep -q -- "$text" "$work/out"; then
        echo "scripts/soak $*: exit status $got, expected $status with '$text':"
        cat "$work/out"
        failed=1
    fi
}

pretend 'echo "PASS: it is"'
expect 0 'tiny: 3 of 3 seeds clean' --seeds 3 tiny
pretend 'echo "MISMATCH: in clock 7"; exit 1'
expect 1 'MISMATCH: in clock 7' --seeds 3 tiny
expect 1 'tiny: 2 of 3 seeds clean' --seeds 3 tiny
pretend 'exit 0'
expect 1 'tiny: 2 of 3 seeds clean' --seeds 3 tiny
expect 2 'nothing would be compared' --seeds 0 tiny
expect 2 "allowed: a whole number" --clocks many tiny
exit $failed
