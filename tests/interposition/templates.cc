// SPDX-License-Identifier: MulanPSL-2.0
// Work for a C++ compiler: templates, the standard library, and a program
// that uses the heap in threads.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

template <int kDepth>
struct Tree {
  std::unique_ptr<Tree<kDepth - 1>> left = std::make_unique<Tree<kDepth - 1>>();
  std::unique_ptr<Tree<kDepth - 1>> right =
      std::make_unique<Tree<kDepth - 1>>();
  long count() const { return 1 + left->count() + right->count(); }
};
template <>
struct Tree<0> {
  std::string text = std::string(100, 't');
  long count() const { return static_cast<long>(text.size()); }
};

template <std::size_t... kIndex>
auto squares(std::index_sequence<kIndex...>) {
  return std::make_tuple((kIndex * kIndex)...);
}

using Value = std::variant<int, std::string, std::vector<double>>;

std::size_t size_of(const Value& value) {
  return std::visit(
      [](const auto& held) -> std::size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, int>)
          return static_cast<std::size_t>(held);
        else
          return held.size();
      },
      value);
}

int main() {
  Tree<12> tree;
  std::cout << tree.count() << '\n';

  const auto all = squares(std::make_index_sequence<64>());
  std::cout << std::get<63>(all) << '\n';

  std::vector<long> sums(4);
  std::vector<std::thread> threads;
  for (std::size_t n = 0; n < sums.size(); ++n)
    threads.emplace_back([n, &sums] {
      std::unordered_map<long, std::string> names;
      std::map<std::string, Value> values;
      for (long i = 0; i < 5000; ++i) {
        names[i] = std::to_string(i * static_cast<long>(n + 1));
        values[names[i]] = std::vector<double>(static_cast<std::size_t>(i % 9));
      }
      for (const auto& [name, value] : values)
        sums[n] += static_cast<long>(name.size() + size_of(value));
    });
  for (std::thread& thread : threads) thread.join();
  for (const long sum : sums) std::cout << sum << '\n';
}
