// SPDX-License-Identifier: MulanPSL-2.0
// The runtime takes a stream only from a thread whose current context is the
// stream's.  This makes it so for a scope; a thread that had no context keeps
// that of the stream.
#ifndef GMEM_ASCEND_STREAM_CONTEXT_H
#define GMEM_ASCEND_STREAM_CONTEXT_H

#include "ascend/runtime.h"

namespace gmem::ascend {

class StreamContext {
 public:
  // context: null leaves the thread's own.
  explicit StreamContext(void* context) {
    if (context == nullptr) return;
    if (runtime()->get_current_context(&found_) != acl::kSuccess)
      found_ = nullptr;
    if (found_ == context) return;
    runtime()->set_current_context(context);
    restore_ = found_ != nullptr;
  }
  ~StreamContext() {
    if (restore_) runtime()->set_current_context(found_);
  }
  StreamContext(const StreamContext&) = delete;
  StreamContext& operator=(const StreamContext&) = delete;

 private:
  void* found_ = nullptr;
  bool restore_ = false;
};

}  // namespace gmem::ascend

#endif  // GMEM_ASCEND_STREAM_CONTEXT_H
