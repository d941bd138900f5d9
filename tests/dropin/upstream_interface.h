/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * The interface of openEuler's first libgmem, as a program built against it
 * knows it. On purpose nothing of include/libgmem.h: the two must agree
 * because the ABI is the same, not because the text is.
 */
#ifndef UPSTREAM_INTERFACE_H
#define UPSTREAM_INTERFACE_H

#include <stddef.h>

int gmemFreeEager(unsigned long addr, size_t length, void *stream);
int gmemPrefetch(unsigned long addr, size_t length, int hnid, void *stream);
int gmemGetNumaId(void);

#endif /* UPSTREAM_INTERFACE_H */
