// SPDX-License-Identifier: MulanPSL-2.0
#include "core/stats.h"

namespace gmem {

Stats stats;

}  // namespace gmem
