// SPDX-License-Identifier: MulanPSL-2.0
// Writes one JSON document on standard output, in the order of the calls.
#ifndef GMEM_TOOLS_GMEMINFO_JSON_WRITER_H
#define GMEM_TOOLS_GMEMINFO_JSON_WRITER_H

#include <cstdint>
#include <optional>
#include <string>

namespace gmeminfo {

class JsonWriter {
 public:
  // key is null inside an array and at the top.
  void open_object(const char* key = nullptr) { open(key, '{'); }
  void close_object() { close('}'); }
  void open_array(const char* key) { open(key, '['); }
  void close_array() { close(']'); }

  void text(const char* key, const std::string& value);
  void number(const char* key, std::int64_t value);
  void boolean(const char* key, bool value);
  // null where there is no value.
  void text(const char* key, const std::optional<std::string>& value);
  void number(const char* key, const std::optional<std::uint64_t>& value);

 private:
  void open(const char* key, char bracket);
  void close(char bracket);
  void begin_value(const char* key);

  int depth_ = 0;
  bool first_ = true;  // of the innermost object or array
};

}  // namespace gmeminfo

#endif  // GMEM_TOOLS_GMEMINFO_JSON_WRITER_H
