#!/usr/bin/env python3
# SPDX-License-Identifier: MulanPSL-2.0
"""Loads libgmem into a running process, as AI frameworks do, and uses it.

late_load.py [LIBRARY]     LIBRARY is libgmem.so.0 where it is not given.
"""
import ctypes
import mmap
import sys

PAGE = 2 << 20
SIZE = 32 * PAGE
ANY_NODE = -1


def load(name):
    library = ctypes.CDLL(name)
    address, size = ctypes.c_ulong, ctypes.c_size_t
    library.gmemPrefetch.argtypes = [address, size, ctypes.c_int,
                                     ctypes.c_void_p]
    library.gmemFreeEager.argtypes = [address, size, ctypes.c_void_p]
    library.gmemGetResidentSize.argtypes = [address, size, ctypes.c_int,
                                            ctypes.POINTER(size)]
    library.gmemStrError.restype = ctypes.c_char_p
    library.gmemVersion.restype = ctypes.c_char_p
    library.gmemDeviceName.restype = ctypes.c_char_p
    return library


def check(library, error):
    if error:
        sys.exit(library.gmemStrError(error).decode())


def resident(library, start):
    size = ctypes.c_size_t()
    check(library, library.gmemGetResidentSize(start, SIZE, ANY_NODE,
                                               ctypes.byref(size)))
    return size.value


def main():
    library = load(sys.argv[1] if len(sys.argv) > 1 else "libgmem.so.0")
    print("libgmem", library.gmemVersion().decode(), "on",
          library.gmemDeviceName().decode())

    memory = mmap.mmap(-1, SIZE + PAGE, flags=mmap.MAP_PRIVATE)
    view = ctypes.c_char.from_buffer(memory)
    start = (ctypes.addressof(view) + PAGE - 1) // PAGE * PAGE

    check(library, library.gmemPrefetch(start, SIZE, library.gmemGetNumaId(),
                                        None))
    print("resident after prefetch:  ", resident(library, start))
    check(library, library.gmemFreeEager(start, SIZE, None))
    print("resident after eager free:", resident(library, start))


main()
