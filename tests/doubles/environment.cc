// SPDX-License-Identifier: MulanPSL-2.0
#include "doubles/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <exception>
#include <stdexcept>

#include "doubles/gmem_kernel.h"

namespace gmem_kernel {
namespace {

bool yes_or_no(const char* value) {
  if (strcmp(value, "yes") == 0) return true;
  if (strcmp(value, "no") == 0) return false;
  throw std::runtime_error("neither yes nor no");
}

int number(const char* value) {
  char* end = nullptr;
  const long parsed = strtol(value, &end, 10);
  if (end == value || *end != '\0') throw std::runtime_error("no number");
  return static_cast<int>(parsed);
}

Generation generation_named(const char* value) {
  if (strcmp(value, "6.4") == 0) return Generation::k6_4;
  if (strcmp(value, "6.6") == 0) return Generation::k6_6;
  if (strcmp(value, "newest") == 0) return Generation::kNewest;
  throw std::runtime_error("no such generation");
}

void set_option(Options& options, const char* key, const char* value) {
  if (strcmp(key, "generation") == 0)
    options.generation = generation_named(value);
  else if (strcmp(key, "on") == 0)
    options.on = yes_or_no(value);
  else if (strcmp(key, "open_error") == 0)
    options.open_error = number(value);
  else if (strcmp(key, "attached") == 0)
    options.attached = yes_or_no(value);
  else if (strcmp(key, "hnid") == 0)
    options.hnid = number(value);
  else if (strcmp(key, "device_pages") == 0)
    options.device_pages = static_cast<std::size_t>(number(value));
  else
    throw std::runtime_error("no such option");
}

Options options_in(const char* text) {
  Options options;
  char copy[256] = "";
  strncpy(copy, text, sizeof copy - 1);
  char* rest = nullptr;
  for (char* word = strtok_r(copy, ",", &rest); word != nullptr;
       word = strtok_r(nullptr, ",", &rest)) {
    char* const value = strchr(word, '=');
    if (value == nullptr) throw std::runtime_error("an option without value");
    *value = '\0';
    set_option(options, word, value + 1);
  }
  return options;
}

constexpr char kVariable[] = "GMEM_KERNEL_DOUBLE=";

}  // namespace

void install_from(const char* const* environment) {
  while (*environment != nullptr &&
         strncmp(*environment, kVariable, sizeof kVariable - 1) != 0)
    ++environment;
  if (*environment == nullptr) return;
  const char* const text = *environment + sizeof kVariable - 1;
  try {
    install(options_in(text));
  } catch (const std::exception& error) {
    dprintf(2, "GMEM_KERNEL_DOUBLE: %s\n", error.what());
    _exit(77);
  }
}

}  // namespace gmem_kernel
