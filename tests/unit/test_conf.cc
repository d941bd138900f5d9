// SPDX-License-Identifier: MulanPSL-2.0
// GMEM_CONF: what is understood, what is refused, and how that is said.
#include <errno.h>
#include <pthread.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "core/conf.h"
#include "support/capture_stderr.h"
#include "support/check_main.h"
#include "support/child_process.h"

namespace {

using gmem::Conf;
using gmem::HugePages;
using gmem::LogLevel;

std::vector<std::string> complaints;

void note(const char* item) { complaints.emplace_back(item); }

Conf parsed(const char* text) {
  complaints.clear();
  Conf conf;
  conf.device_node = 77;  // must not survive
  parse_conf(text, conf, note);
  return conf;
}

void assert_defaults(const Conf& conf) {
  ck_assert_str_eq(conf.device, "");
  ck_assert_int_eq(conf.device_node, gmem::kNoNode);
  ck_assert(conf.log == LogLevel::kError);
  ck_assert_int_eq(conf.heap_node, gmem::kNoNode);
  ck_assert(!conf.strict_placement);
  ck_assert(conf.profile == gmem::Profile::kBalanced);
  ck_assert(!conf.huge_pages.has_value());
  ck_assert(!conf.decay_ms.has_value());
  ck_assert(!conf.arenas.has_value());
  ck_assert(!conf.thread_cache.has_value());
  ck_assert(conf.background_thread);
  ck_assert(!conf.check);
  ck_assert_str_eq(conf.stats, "");
}

START_TEST(nothing_means_defaults) {
  for (const char* text : {static_cast<const char*>(nullptr), "", ",", ",,"}) {
    assert_defaults(parsed(text));
    ck_assert_uint_eq(complaints.size(), 0);
  }
}
END_TEST

START_TEST(each_key_is_understood) {
  const Conf conf = parsed(
      "device:host,device_node:3,heap_node:0,log:debug,huge_pages:never,"
      "placement:strict,profile:speed,decay:250,arenas:7,thread_cache:64K,"
      "background_thread:off,check:on,stats:/tmp/a:b");
  ck_assert_uint_eq(complaints.size(), 0);
  ck_assert_str_eq(conf.device, "host");
  ck_assert_int_eq(conf.device_node, 3);
  ck_assert_int_eq(conf.heap_node, 0);
  ck_assert(conf.strict_placement);
  ck_assert(conf.log == LogLevel::kDebug);
  ck_assert(conf.huge_pages == HugePages::kNever);
  ck_assert(conf.profile == gmem::Profile::kSpeed);
  ck_assert_int_eq(conf.decay_ms.value_or(-2), 250);
  ck_assert_uint_eq(conf.arenas.value_or(0), 7);
  ck_assert_uint_eq(conf.thread_cache.value_or(0), 65536);
  ck_assert(!conf.background_thread);
  ck_assert(conf.check);
  ck_assert_str_eq(conf.stats, "/tmp/a:b");
}
END_TEST

START_TEST(each_value_of_a_choice_is_understood) {
  ck_assert(parsed("log:error").log == LogLevel::kError);
  ck_assert(parsed("log:warn").log == LogLevel::kWarn);
  ck_assert(parsed("log:info").log == LogLevel::kInfo);
  ck_assert(parsed("log:debug").log == LogLevel::kDebug);
  ck_assert(parsed("huge_pages:always").huge_pages == HugePages::kAlways);
  ck_assert(parsed("huge_pages:large").huge_pages == HugePages::kLarge);
  ck_assert(parsed("profile:memory").profile == gmem::Profile::kMemory);
  ck_assert(parsed("profile:balanced").profile == gmem::Profile::kBalanced);
  ck_assert_int_eq(parsed("decay:0").decay_ms.value_or(-2), 0);
  ck_assert_int_eq(parsed("decay:never").decay_ms.value_or(-2),
                   gmem::kNeverDecay);
  ck_assert_uint_eq(parsed("arenas:1024").arenas.value_or(0), 1024);
  ck_assert_uint_eq(parsed("thread_cache:off").thread_cache.value_or(1), 0);
  ck_assert_uint_eq(parsed("thread_cache:99").thread_cache.value_or(0), 99);
  ck_assert_uint_eq(parsed("thread_cache:8M").thread_cache.value_or(0),
                    8 << 20);
  ck_assert(parsed("background_thread:on").background_thread);
  ck_assert(!parsed("check:on,check:off").check);
  ck_assert_int_eq(parsed("device_node:0").device_node, 0);
  ck_assert_int_eq(parsed("device_node:1023").device_node, 1023);
  ck_assert_int_eq(parsed("heap_node:1023").heap_node, 1023);
  const Conf conf = parsed("device:Host");
  ck_assert_str_eq(conf.device, "host");
  ck_assert_uint_eq(complaints.size(), 0);
}
END_TEST

START_TEST(what_is_not_understood_changes_nothing) {
  const std::string long_name(32, 'x');
  const std::string long_file(256, 'x');
  for (const std::string& item :
       {std::string("foo:1"),
        std::string("foo"),
        std::string(":"),
        std::string(":host"),
        std::string("device"),
        std::string("device:"),
        std::string("devic:host"),
        std::string("device_:1"),
        "device:" + long_name,
        std::string("device_node:"),
        std::string("device_node:-1"),
        std::string("device_node:1x"),
        std::string("device_node: 1"),
        std::string("device_node:1024"),
        std::string("device_node:2147483647"),
        std::string("device_node:2147483648"),
        std::string("device_node:99999999999999999999"),
        std::string("heap_node:1024"),
        std::string("heap_node:1088"),
        std::string("heap_node:2147483647"),
        std::string("heap_node:one"),
        std::string("placement:loose"),
        std::string("log:"),
        std::string("log:loud"),
        std::string("log:WARN"),
        std::string("huge_pages:on"),
        std::string("huge_pages:larg"),
        std::string("profile:"),
        std::string("profile:fast"),
        std::string("decay:"),
        std::string("decay:-1"),
        std::string("decay:1s"),
        std::string("arenas:0"),
        std::string("arenas:1025"),
        std::string("thread_cache:"),
        std::string("thread_cache:K"),
        std::string("thread_cache:1G"),
        std::string("thread_cache:-1"),
        std::string("background_thread:yes"),
        std::string("stats:"),
        "stats:" + long_file}) {
    assert_defaults(parsed(item.c_str()));
    ck_assert_uint_eq(complaints.size(), 1);
    ck_assert_str_eq(complaints[0].c_str(), item.c_str());
  }
}
END_TEST

START_TEST(the_rest_still_counts) {
  const Conf conf = parsed("foo:1,log:info,log:loud,,bar,device_node:4,");
  ck_assert(conf.log == LogLevel::kInfo);
  ck_assert_int_eq(conf.device_node, 4);
  ck_assert_uint_eq(complaints.size(), 3);
  ck_assert_str_eq(complaints[0].c_str(), "foo:1");
  ck_assert_str_eq(complaints[1].c_str(), "log:loud");
  ck_assert_str_eq(complaints[2].c_str(), "bar");
}
END_TEST

START_TEST(the_last_value_stands) {
  ck_assert_int_eq(parsed("device_node:1,device_node:2").device_node, 2);
  const Conf conf = parsed("device:longername,device:abc");
  ck_assert_str_eq(conf.device, "abc");
}
END_TEST

START_TEST(the_longest_values_fit) {
  const std::string name(31, 'n');
  const std::string file(255, 'f');
  const Conf conf = parsed(("device:" + name + ",stats:" + file).c_str());
  ck_assert_uint_eq(complaints.size(), 0);
  ck_assert_str_eq(conf.device, name.c_str());
  ck_assert_str_eq(conf.stats, file.c_str());
}
END_TEST

START_TEST(a_very_long_item_is_refused_and_cut) {
  assert_defaults(parsed(std::string(100000, 'x').c_str()));
  ck_assert_uint_eq(complaints.size(), 1);
  ck_assert_uint_lt(complaints[0].size(), 1000);
}
END_TEST

START_TEST(no_complaint_is_asked_for) {
  Conf conf;
  gmem::parse_conf("foo,log:warn", conf, nullptr);
  ck_assert(conf.log == LogLevel::kWarn);
}
END_TEST

// The process's own conf is read once, so each look at it has a process.
START_TEST(the_environment_is_read_once) {
  ck_assert_int_eq(0, run_in_child([] {
                     setenv("GMEM_CONF", "device_node:5", 1);
                     if (gmem::conf().device_node != 5) return 1;
                     setenv("GMEM_CONF", "device_node:6", 1);
                     return gmem::conf().device_node == 5 ? 0 : 2;
                   }));
}
END_TEST

START_TEST(without_the_variable_there_are_defaults) {
  ck_assert_int_eq(0, run_in_child([] {
                     unsetenv("GMEM_CONF");
                     return gmem::conf().device_node == gmem::kNoNode ? 0 : 1;
                   }));
}
END_TEST

START_TEST(a_bad_item_is_one_line_for_all_threads) {
  ck_assert_int_eq(
      0, run_in_child([] {
        setenv("GMEM_CONF", "foo:1,log:warn", 1);
        constexpr int kThreads = 8;
        const Conf* seen[kThreads] = {};
        const std::string said = stderr_of([&] {
          pthread_barrier_t together;
          pthread_barrier_init(&together, nullptr, kThreads);
          std::vector<std::thread> threads;
          for (const Conf*& own : seen)
            threads.emplace_back([&together, &own] {
              pthread_barrier_wait(&together);
              own = &gmem::conf();
            });
          for (std::thread& thread : threads) thread.join();
        });
        for (const Conf* own : seen)
          if (own != seen[0] || own->log != LogLevel::kWarn) return 1;
        return said == "libgmem: GMEM_CONF: ignored \"foo:1\"\n" ? 0 : 2;
      }));
}
END_TEST

START_TEST(reading_leaves_errno_alone) {
  ck_assert_int_eq(0, run_in_child([] {
                     setenv("GMEM_CONF", "foo", 1);
                     int after = 0;
                     stderr_of([&] {
                       errno = 1234;
                       gmem::conf();
                       after = errno;
                     });
                     return after == 1234 ? 0 : 1;
                   }));
}
END_TEST

}  // namespace

Suite* test_suite() {
  Suite* suite = suite_create("conf");
  TCase* text = tcase_create("text");
  tcase_add_test(text, nothing_means_defaults);
  tcase_add_test(text, each_key_is_understood);
  tcase_add_test(text, each_value_of_a_choice_is_understood);
  tcase_add_test(text, what_is_not_understood_changes_nothing);
  tcase_add_test(text, the_rest_still_counts);
  tcase_add_test(text, the_last_value_stands);
  tcase_add_test(text, the_longest_values_fit);
  tcase_add_test(text, a_very_long_item_is_refused_and_cut);
  tcase_add_test(text, no_complaint_is_asked_for);
  suite_add_tcase(suite, text);
  TCase* process = tcase_create("process");
  tcase_add_test(process, the_environment_is_read_once);
  tcase_add_test(process, without_the_variable_there_are_defaults);
  tcase_add_test(process, a_bad_item_is_one_line_for_all_threads);
  tcase_add_test(process, reading_leaves_errno_alone);
  suite_add_tcase(suite, process);
  return suite;
}
