// SPDX-License-Identifier: MulanPSL-2.0
#include "ascend/report_threads.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "ascend/stream_table.h"
#include "ascend/streams.h"
#include "core/lock.h"
#include "core/start_thread.h"

namespace gmem::ascend {

struct ReportThread {
  void* context = nullptr;  // null: not in use
  std::uint64_t id = 0;     // 0: not started yet
  unsigned streams = 0;     // that it is subscribed to
};

namespace {

// As many as the runtime's documents advise.
constexpr std::size_t kMostThreads = 32;
// Short: a thread that is let go of and subscribed anew while it waits may get
// its first report only then.
constexpr int kReportTimeoutMs = 50;

ReportThread threads[kMostThreads];  // guarded by `subscribing`, as are all
pthread_mutex_t subscribing = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

// Streams of the program's are let go of as soon as they have nothing to do
// for us: it will not tell when it destroys them.  Null where there is none.
StreamHandle take_idle_stream(const ReportThread& thread) {
  StreamTable& table = stream_table();
  const Lock lock(table.mutex());
  StreamHandle idle = nullptr;
  table.for_each_stream([&](Stream& stream) {
    if (idle != nullptr || stream.reporter != &thread || stream.ours ||
        stream.tasks != nullptr)
      return;
    idle = stream.handle;
    stream.reporter = nullptr;
    table.release_if_idle(stream);
  });
  return idle;
}

void let_go_of_idle_streams(ReportThread& thread) {
  while (StreamHandle idle = take_idle_stream(thread)) {
    runtime()->unsubscribe_report(thread.id, idle);
    --thread.streams;
  }
  pthread_cond_broadcast(&changed);
}

// Returns the context whose streams they are.
void* await_streams(const ReportThread& thread) {
  const Lock lock(subscribing);
  while (thread.streams == 0) pthread_cond_wait(&changed, &subscribing);
  return thread.context;
}

void* report_main(void* argument) {
  ReportThread& thread = *static_cast<ReportThread*>(argument);
  pthread_setname_np(pthread_self(), "gmem-report");
  {
    const Lock lock(subscribing);
    thread.id = static_cast<std::uint64_t>(pthread_self());
    pthread_cond_broadcast(&changed);
  }
  for (;;) {
    // Each time: a context may have ended, and another one have its address.
    runtime()->set_current_context(await_streams(thread));
    const AclError error = runtime()->process_report(kReportTimeoutMs);
    if (error != acl::kSuccess && error != acl::kReportTimeout) {
      constexpr timespec kPause = {0, 10'000'000};
      nanosleep(&kPause, nullptr);
    }
    // Who holds it may wait for a report of ours.
    if (pthread_mutex_trylock(&subscribing) != 0) continue;
    let_go_of_idle_streams(thread);
    pthread_mutex_unlock(&subscribing);
  }
}

// The context's own; else one not started yet; else one without streams, whose
// context may have ended.
ReportThread* choose_thread(void* context) {
  ReportThread* unused = nullptr;
  ReportThread* idle = nullptr;
  for (ReportThread& thread : threads) {
    if (thread.context == context) return &thread;
    if (thread.context == nullptr)
      unused = &thread;
    else if (thread.streams == 0)
      idle = &thread;
  }
  return unused != nullptr ? unused : idle;
}

// Under `subscribing`; null where there is no thread to be had.
ReportThread* thread_of(void* context) {
  ReportThread* const thread = choose_thread(context);
  if (thread == nullptr) return nullptr;
  if (thread->context == nullptr && !start_thread(report_main, thread))
    return nullptr;
  thread->context = context;
  while (thread->id == 0) pthread_cond_wait(&changed, &subscribing);
  return thread;
}

// These are under `subscribing`.
bool is_to_be_let_go(StreamHandle handle) {
  const Lock lock(stream_table().mutex());
  const Stream* const stream = stream_table().find(handle);
  return stream != nullptr && !stream->ours && stream->tasks == nullptr &&
         stream->reporter != nullptr;
}

ReportThread* reporter_of(StreamHandle handle) {
  const Lock lock(stream_table().mutex());
  const Stream* const stream = stream_table().find(handle);
  return stream == nullptr ? nullptr : stream->reporter;
}

void set_reporter(StreamHandle handle, ReportThread* thread) {
  const Lock lock(stream_table().mutex());
  Stream* const stream = stream_table().find(handle);
  if (stream != nullptr) stream->reporter = thread;
}

}  // namespace

SubscriptionLock::SubscriptionLock() { pthread_mutex_lock(&subscribing); }
SubscriptionLock::~SubscriptionLock() { pthread_mutex_unlock(&subscribing); }

Error subscribe(StreamHandle handle) {
  if (reporter_of(handle) != nullptr) return 0;
  void* context = nullptr;
  if (const AclError error = runtime()->get_current_context(&context))
    return from_acl(error);
  ReportThread* const thread = thread_of(context);
  if (thread == nullptr) return -EAGAIN;
  const AclError error = runtime()->subscribe_report(thread->id, handle);
  if (error == acl::kRepeatedSubscribe || error == acl::kStreamSubscribed)
    return 0;
  if (error != acl::kSuccess) return from_acl(error);
  set_reporter(handle, thread);
  ++thread->streams;
  pthread_cond_broadcast(&changed);
  return 0;
}

void await_unsubscription(StreamHandle handle) {
  const SubscriptionLock lock;
  while (is_to_be_let_go(handle)) pthread_cond_wait(&changed, &subscribing);
}

void unsubscribe(StreamHandle handle) {
  ReportThread* const thread = reporter_of(handle);
  if (thread == nullptr) return;
  runtime()->unsubscribe_report(thread->id, handle);
  --thread->streams;
  set_reporter(handle, nullptr);
}

void forget_report_threads() {
  subscribing = PTHREAD_MUTEX_INITIALIZER;
  changed = PTHREAD_COND_INITIALIZER;
  for (ReportThread& thread : threads) thread = ReportThread();
}

}  // namespace gmem::ascend
