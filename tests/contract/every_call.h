/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Each exported call, to be made with arguments that are right: for tests of
 * what holds for all calls.  Some are there more than once, in ways that take
 * other paths: the name is then followed by a blank and a word.
 */
#ifndef GMEM_TESTS_CONTRACT_EVERY_CALL_H
#define GMEM_TESTS_CONTRACT_EVERY_CALL_H

#include <stddef.h>

struct every_call {
  const char *name;
  /* What the call returned; of gmemAlloc the negative errno; 0 where a call
   * returns no error. */
  int (*make)(void);
};

extern const struct every_call every_call[];
extern const size_t every_call_count;

/* The one of that name; NULL where there is none. */
const struct every_call *find_call(const char *name);

/* Attaches the device of a loaded Ascend runtime to the calling thread, so that
 * it can have streams; does nothing where none is loaded. */
void attach_device(void);

/* Writes the names to standard output, each on a line. */
void list_calls(void);

#endif /* GMEM_TESTS_CONTRACT_EVERY_CALL_H */
