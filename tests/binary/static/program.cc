// SPDX-License-Identifier: MulanPSL-2.0
// A program in C++ that has libgmem in itself, and libstdc++ beside it.  Speaks
// TAP.
#include <libgmem.h>

#include <iostream>
#include <limits>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "interposition/tap.h"

namespace {

bool new_takes_our_memory() {
  gmemFree(::operator new(100));
  ::operator delete(gmemAlloc(100, gmemGetNumaId()));
  return true;
}

bool exceptions_pass() {
  try {
    throw std::runtime_error(std::string(1000, 'x'));
  } catch (const std::exception& error) {
    return std::string(error.what()).size() == 1000;
  }
}

volatile std::size_t too_much = std::numeric_limits<std::size_t>::max() / 2;

bool no_memory_is_an_exception() {
  try {
    // GCC 10 would drop the pair, were it not stored.
    void* volatile block = ::operator new(too_much);
    ::operator delete(block);
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

struct Shape {
  virtual ~Shape() = default;
  virtual int corners() const = 0;
};
struct Square final : Shape {
  int corners() const override { return 4; }
};

bool objects_cross_threads() {
  std::vector<std::unique_ptr<Shape>> shapes;
  std::thread([&] {
    for (int i = 0; i < 1000; ++i) shapes.push_back(std::make_unique<Square>());
  }).join();
  int corners = 0;
  for (const auto& shape : shapes) corners += shape->corners();
  return corners == 4000;
}

bool streams_of_text_work() {
  std::ostringstream text;
  text << 42 << ' ' << std::string(100000, 'y');
  return text.str().size() == 100003;
}

}  // namespace

int main() {
  ok(new_takes_our_memory(), "new is the heap's");
  ok(exceptions_pass(), "exceptions");
  ok(no_memory_is_an_exception(), "no memory");
  ok(objects_cross_threads(), "objects cross threads");
  ok(streams_of_text_work(), "streams of text");
  std::cout << "1.." << tests << std::endl;
}
