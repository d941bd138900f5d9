// SPDX-License-Identifier: MulanPSL-2.0
#include "core/text_file.h"

#include <errno.h>
#include <unistd.h>

namespace gmem {

int TextFile::next() {
  if (begin_ == end_) {
    ssize_t got = 0;
    do {
      got = read(file_.get(), text_, sizeof text_);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return kEndOfText;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  return static_cast<unsigned char>(text_[begin_++]);
}

}  // namespace gmem
