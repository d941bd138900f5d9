// SPDX-License-Identifier: MulanPSL-2.0
#include "json_writer.h"

#include <inttypes.h>
#include <stdio.h>

namespace gmeminfo {
namespace {

void quote(const std::string& text) {
  putchar('"');
  for (const char c : text) {
    if (c == '"' || c == '\\')
      printf("\\%c", c);
    else if (static_cast<unsigned char>(c) < 0x20)
      printf("\\u%04x", static_cast<unsigned>(c));
    else
      putchar(c);
  }
  putchar('"');
}

}  // namespace

void JsonWriter::begin_value(const char* key) {
  if (!first_) putchar(',');
  if (depth_ > 0) printf("\n%*s", 2 * depth_, "");
  first_ = false;
  if (!key) return;
  quote(key);
  fputs(": ", stdout);
}

void JsonWriter::open(const char* key, char bracket) {
  begin_value(key);
  putchar(bracket);
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!first_) printf("\n%*s", 2 * depth_, "");
  putchar(bracket);
  first_ = false;
  if (depth_ == 0) putchar('\n');
}

void JsonWriter::text(const char* key, const std::string& value) {
  begin_value(key);
  quote(value);
}

void JsonWriter::number(const char* key, std::int64_t value) {
  begin_value(key);
  printf("%" PRId64, value);
}

void JsonWriter::boolean(const char* key, bool value) {
  begin_value(key);
  fputs(value ? "true" : "false", stdout);
}

void JsonWriter::text(const char* key,
                      const std::optional<std::string>& value) {
  if (value) return text(key, *value);
  begin_value(key);
  fputs("null", stdout);
}

void JsonWriter::number(const char* key,
                        const std::optional<std::uint64_t>& value) {
  begin_value(key);
  if (value)
    printf("%" PRIu64, *value);
  else
    fputs("null", stdout);
}

}  // namespace gmeminfo
