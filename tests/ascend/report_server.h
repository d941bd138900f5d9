// SPDX-License-Identifier: MulanPSL-2.0
// A thread of the program's that serves the callbacks of one stream.
#ifndef GMEM_TESTS_ASCEND_REPORT_SERVER_H
#define GMEM_TESTS_ASCEND_REPORT_SERVER_H

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <thread>

#include "doubles/ascendcl/acl_calls.h"

namespace ascend {

class ReportServer {
 public:
  ReportServer(const AclCalls& acl, void* stream) : acl_(acl), stream_(stream) {
    std::promise<std::uint64_t> id;
    thread_ = std::thread([this, &id] {
      tid_ = gettid();
      id.set_value(static_cast<std::uint64_t>(pthread_self()));
      while (!ends_) acl_.ProcessReport(10);
    });
    id_ = id.get_future().get();
    if (acl_.SubscribeReport(id_, stream) != 0)
      throw std::runtime_error("SubscribeReport");
  }
  ~ReportServer() {
    acl_.UnSubscribeReport(id_, stream_);
    ends_ = true;
    thread_.join();
  }
  ReportServer(const ReportServer&) = delete;
  ReportServer& operator=(const ReportServer&) = delete;
  pid_t tid() const { return tid_; }

 private:
  const AclCalls& acl_;
  void* const stream_;
  std::thread thread_;
  std::uint64_t id_ = 0;
  std::atomic<pid_t> tid_{0};
  std::atomic<bool> ends_{false};
};

}  // namespace ascend

#endif  // GMEM_TESTS_ASCEND_REPORT_SERVER_H
