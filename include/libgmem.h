/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * libgmem: one heap and one small set of calls that put a program's memory
 * where the computing is.
 *
 * Words used below
 *   GMEM page   2 MiB (GMEM_PAGE_SIZE) of address space, 2 MiB aligned; the
 *               unit in which memory moves.
 *   hnid        heterogeneous NUMA id: a node of memory.  Ordinary NUMA nodes
 *               keep their kernel number; a device adds ids of its own.
 *   range       the bytes [addr, addr + size); addr needs no alignment.
 *   stream      a queue in which operations run one after the other.
 *
 * What holds for every call
 *   Return      0 (or the value described), else a negative errno value.
 *               errno itself is left alone.  Nothing prints, exits or aborts.
 *   Threads     every call may be made from any thread at any time.
 *   Signals     no call is safe in a signal handler, save gmemStrError and
 *               gmemVersion.
 *   fork        every call works in parent and child.  A child inherits the
 *               host's streams with what was still queued, and carries that
 *               out on its own copy of the memory.  Streams of a device's
 *               runtime are the parent's alone.
 *   Stack       no call needs more than 8 KiB of it, but for the first one where
 *               the device is ascend, which loads the runtime.
 *   Cancelling  no call is a cancellation point, nor is the malloc family's:
 *               cancellation is not acted upon inside the library.
 *
 * Argument errors, looked for in this order before anything is changed, and
 * even where size is 0 or the range holds no whole page:
 *   -EINVAL     addr + size exceeds the address space
 *   -ENODEV     conf "device:NAME" names a device that cannot be had
 *   -EINVAL     hnid is no node with memory that this process may use
 *   -EINVAL     stream is not a live stream of the device
 *   -EINVAL     a pointer through which a result is returned is NULL
 */
#ifndef GMEM_LIBGMEM_H
#define GMEM_LIBGMEM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GMEM_PAGE_SIZE (2UL << 20)

/* As hnid of gmemGetResidentSize: on whichever node. */
#define GMEM_ANY_NODE (-1)

/*
 * Makes every mapped GMEM page that the range touches resident on hnid, so
 * that hnid's next access does not fault.  The data stays.  Pages are filled
 * in where there are none, moved where they lie elsewhere, and marked hot
 * where they are in place already.  The range is widened to whole GMEM pages
 * within the mappings at its ends; what lies beyond those is no error.
 *
 *   addr    start of the range, in bytes; any alignment
 *   size    bytes; 0 does nothing
 *   hnid    a node as gmemGetNumaId returns it, or an ordinary NUMA node
 *           with memory (/sys/devices/system/node/has_memory) that the
 *           process's cpuset allows
 *   stream  NULL: return when done; else queue it there and return
 *
 *   -ENOMEM  some byte of [addr, addr + size) is not mapped; or hnid has no
 *            room, and what found none stays where it was; or there is none to
 *            queue the operation
 *   -EACCES  the range holds memory without any access right (PROT_NONE)
 *   -EFAULT  pages of the range cannot be accessed: guard pages
 *            (MADV_GUARD_INSTALL), or memory that has failed; all others have
 *            been dealt with
 *   -EINVAL  the cpuset has lost hnid in the meantime
 *   -EPERM   the pages are resident, but might lie elsewhere: the kernel's
 *            policy (seccomp, as in containers) forbids to place them; or it
 *            forbids to fill them in
 *   -EBUSY   pages stayed elsewhere: pinned, mapped by another process, too,
 *            or in use by the kernel
 *   -EOPNOTSUPP  the range holds memory that the device of hnid cannot have
 *            (ascend: what is not peer-shared); the rest has been moved
 *   -EIO     the device, its driver or the kernel failed
 *   -EAGAIN  nothing can be queued: as many streams as there can be are in use
 *            (ascend, 4096)
 *
 * gmemPrefetch(3) says what becomes of a page in each state.  The policies of
 * the mappings and of the calling thread, and the number of mappings, stay as
 * they were.  No prefetch wakes the OOM killer for want of room on hnid.
 *
 * With a stream, errors other than argument errors are kept for
 * gmemStreamSynchronize, once the operation has been queued.
 */
int gmemPrefetch(unsigned long addr, size_t size, int hnid, void *stream);

/*
 * Releases, without copying it anywhere, the memory of each whole GMEM page
 * inside the range; bytes at the edges that fill no whole page are untouched.
 * Afterwards private anonymous memory reads as zero, a private mapping of a
 * file as the file, and shared memory keeps its contents.  Locked memory
 * (mlock) stays locked and is released all the same.  The addresses stay
 * mapped.
 *
 *   addr    start of the range, in bytes; any alignment
 *   size    bytes; a range that holds no whole GMEM page does nothing
 *   stream  NULL: return when done; else queue it there and return
 *
 *   -ENOMEM  some byte of the whole pages is not mapped; nothing is released;
 *            or there is no memory to queue the operation
 *   -EINVAL  the range holds memory of a driver that cannot be released
 *   -EPERM   the mapping is sealed (mseal), or the kernel's policy (seccomp)
 *            forbids to release it
 *   -EIO     the device, its driver or the kernel failed
 *   -EAGAIN  as gmemPrefetch
 */
int gmemFreeEager(unsigned long addr, size_t size, void *stream);

/*
 * The hnid of the current device, >= 0: conf "device_node:N" where that is a
 * node.  Else, on the host device, the fastest node with memory and no CPU,
 * else the node of the calling CPU; on ascend, what the kernel calls the
 * device that the process has attached (aclrtSetDevice).  -ENODEV where there
 * is none.
 */
int gmemGetNumaId(void);

/*
 * Stores in *resident how many bytes of the range are resident on hnid now,
 * or on any node where hnid is GMEM_ANY_NODE.  Counted page by page of the
 * kernel's; the shared page of zeros that an untouched page reads from is
 * not counted; nor is, by node and on kernels before 6.6, memory without any
 * access right (PROT_NONE).
 *
 *   -ENOMEM  some byte of the range is not mapped
 *   -ENOSYS  the kernel gives no account of pages: /proc is not mounted, or is
 *            not the process's own, as after setuid; or pages are, or may be,
 *            on a device such as ascend, of which no kernel tells
 *   -EPERM   its policy (seccomp) forbids to ask whether the range is mapped, or
 *            for one node among several
 */
int gmemGetResidentSize(unsigned long addr, size_t size, int hnid,
                        size_t *resident);

/*
 * size bytes of the heap, uninitialised and aligned for any type, that lie on
 * hnid from their first touch on.  Where hnid is full the memory lies
 * elsewhere; conf "placement:strict" rather has the kernel fail, which wakes
 * its OOM killer.  What a child of fork writes is copied to the same node.
 * Where hnid is a device's, the memory is such as that device can have, and
 * lies where it is touched first.
 *
 * NULL, with errno ENODEV or EINVAL (arguments, as above) or ENOMEM.  This one
 * call sets errno, as malloc does.
 *
 * Freed with gmemFree; with free too, and resized by realloc, which keeps it
 * on its node, where libgmem is the process's malloc.
 */
void *gmemAlloc(size_t size, int hnid);

/*
 * Frees what gmemAlloc or the library's malloc family returned, or NULL.  What
 * is no block of the heap's ends the process, by a line on standard error and
 * abort: libgmem(7), "Misuse of the heap".
 */
void gmemFree(void *pointer);

/*
 * Makes a stream of the current device: on ascend an aclrtStream in the
 * calling thread's context, and -ENODEV where the thread has none.  There, any
 * stream that the program has made itself can be passed to the calls as well.
 * Operations queued on one stream run in their order; those on several run
 * side by side.  -ENOMEM; -EAGAIN where the process has as many streams as there
 * can be (4096); -EIO where the device failed.
 */
int gmemStreamCreate(void **stream);

/*
 * Waits until everything queued on the stream so far is done.  Returns the
 * first error of any operation since the last call, and forgets it.
 * -EDEADLK from within one of the stream's own operations; -EIO where the device
 * failed.
 */
int gmemStreamSynchronize(void *stream);

/*
 * Carries out what is still queued, then ends the stream.  Returns the first
 * error that no gmemStreamSynchronize has returned.  The stream is gone in
 * either case.  -EDEADLK from within one of the stream's own operations; -EIO
 * where the device failed.
 */
int gmemStreamDestroy(void *stream);

/* A line of text for 0 or a negative errno value; never NULL, never freed. */
const char *gmemStrError(int error);

/* The name of the device in use ("host", ...), "none" where there is none. */
const char *gmemDeviceName(void);

/* "MAJOR.MINOR.PATCH" of the library in use. */
const char *gmemVersion(void);

#ifdef __cplusplus
}
#endif

#endif /* GMEM_LIBGMEM_H */
