#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# dlopen beside twenty libraries that have taken static TLS, and libraries
# whose constructors run before libgmem's.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"

# shellcheck disable=SC2086  # CC may hold options
compile() { ${CC:-cc} -fPIC "$@"; }

cat >"$work/turn.c" <<'C'
static __thread int turns;
static __thread char more[48];
int turn(void) {
  more[turns % 48] = 1;
  return ++turns;
}
C
for i in $(seq 20); do
  compile -shared -ftls-model=initial-exec "$work/turn.c" \
    -o "$work/turn$i.so" || skip_all 'no compiler makes a library'
done
late_threads=$GMEM_BUILDDIR/tests/interposition/test_late_threads
ok 'dlopen beside twenty libraries with static TLS' \
  passes_tap "$late_threads" "$work"/turn*.so

cat >"$work/early.c" <<'C'
#include <stdlib.h>
#include <string.h>
static char *kept;
__attribute__((constructor)) static void allocate_early(void) {
  kept = malloc(1000);
  memset(kept, 'e', 1000);
  kept = realloc(kept, 100000);
}
int early_is_right(void) {
  int right = kept != NULL && kept[0] == 'e' && kept[999] == 'e';
  free(kept);
  return right;
}
__attribute__((destructor)) static void allocate_late(void) {
  free(malloc(50000));
}
C
cat >"$work/main.c" <<'C'
int early_is_right(void);
int main(void) { return !early_is_right(); }
C
# initfirst: before all others, whatever the order of loading.
compile -shared -Wl,-z,initfirst "$work/early.c" -o "$work/libearly.so" &&
  compile "$work/main.c" -o "$work/main" -L"$work" -learly \
    -Wl,-rpath,"$work"
ok 'a constructor that runs before libgmem'"'"'s allocates' \
  env LD_PRELOAD="$GMEM_LIBRARY" "$work/main"
done_testing
