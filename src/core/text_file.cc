// SPDX-License-Identifier: MulanPSL-2.0
#include "core/text_file.h"

#include <unistd.h>

#include "core/call_again.h"

namespace gmem {

int TextFile::next() {
  if (begin_ == end_) {
    const ssize_t got =
        call_again([&] { return read(file_.get(), text_, sizeof text_); });
    if (got <= 0) return kEndOfText;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  return static_cast<unsigned char>(text_[begin_++]);
}

}  // namespace gmem
