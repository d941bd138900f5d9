// SPDX-License-Identifier: MulanPSL-2.0
// A directory of the test's own, removed at its end, in which anyone may read.
#ifndef GMEM_TESTS_SUPPORT_TEMPORARY_TREE_H
#define GMEM_TESTS_SUPPORT_TEMPORARY_TREE_H

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string name = std::filesystem::temp_directory_path() / "gmem.XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("no directory");
    root_ = name;
    std::filesystem::permissions(root_, std::filesystem::perms(0755));
  }
  ~TemporaryTree() { std::filesystem::remove_all(root_); }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  std::string root() const { return root_; }

  // With the directories above it.
  std::string directory(const std::string& path) const {
    std::filesystem::create_directories(root_ / path);
    return root_ / path;
  }
  std::string file(const std::string& path, const std::string& text) const {
    const std::filesystem::path at = root_ / path;
    std::filesystem::create_directories(at.parent_path());
    std::ofstream(at) << text;
    return at;
  }

 private:
  std::filesystem::path root_;
};

#endif  // GMEM_TESTS_SUPPORT_TEMPORARY_TREE_H
