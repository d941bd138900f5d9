// SPDX-License-Identifier: MulanPSL-2.0
// A range worked on by several threads, piece by piece.
#ifndef GMEM_HOST_CREW_H
#define GMEM_HOST_CREW_H

#include <cstddef>

#include "core/device.h"
#include "core/page_range.h"

namespace gmem::host {

// What is done with each piece: the bytes between two multiples of 8 MiB.
// mode is passed through.
using PieceWork = Error (*)(const ByteRange& piece, int mode);

// Cuts the range into pieces and does the work on each: on the calling thread
// and on helpers that live for the call, as many as `effort` bytes are worth
// and the CPUs that the thread may run on can carry.  Returns an error of the
// work, after which no further piece is begun; but -EFAULT, of a piece that
// cannot be had, keeps none of the others back.
Error work_in_pieces(const ByteRange& range, std::size_t effort, PieceWork work,
                     int mode);

}  // namespace gmem::host

#endif  // GMEM_HOST_CREW_H
