// SPDX-License-Identifier: MulanPSL-2.0
// One line of text for each error that the library returns.
#ifndef GMEM_CORE_ERROR_TEXT_H
#define GMEM_CORE_ERROR_TEXT_H

namespace gmem {

// For 0 or a negative errno; static, never null, no allocation, no locale.
const char* error_text(int error);

}  // namespace gmem

#endif  // GMEM_CORE_ERROR_TEXT_H
