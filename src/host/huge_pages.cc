// SPDX-License-Identifier: MulanPSL-2.0
// Two ways lead to huge pages.  MADV_HUGEPAGE marks the mapping, and every
// thread that fills it then gets huge pages; but on a part of a mapping it
// splits the mapping, and it silently lifts an earlier MADV_NOHUGEPAGE.
// MADV_COLLAPSE (Linux 6.1) marks nothing and honours MADV_NOHUGEPAGE, but
// wants each 2 MiB to hold a page already, and runs on one thread at a time:
// it clears at the speed of one core.  So a whole mapping is marked, once a
// collapse of its first page has shown that it may be, and a part of one is
// collapsed.
#include "host/huge_pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>

#include "core/conf.h"
#include "core/kernel_constants.h"
#include "core/small_file.h"
#include "host/page_scan.h"

namespace gmem::host {
namespace {

// Each call makes every CPU drain its lists of new pages, so calls are few.
constexpr std::size_t kCollapseSize = 32 * kPageSize;

bool chosen(const char* path, const char* choice) {
  return strstr(SmallFile<128>(path).text(), choice) != nullptr;
}

// Whether huge pages are for those who ask.  Where they are for all there is
// nothing to ask for, and where they are for none it would be in vain.
bool are_on_request() {
  constexpr char kAllSizes[] = "/sys/kernel/mm/transparent_hugepage/enabled";
  constexpr char kThisSize[] =
      "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled";
  // Kernels before 6.8 have no setting by size.
  const SmallFile<128> this_size(kThisSize);
  if (this_size.empty() || strstr(this_size.text(), "[inherit]") != nullptr)
    return chosen(kAllSizes, "[madvise]");
  return strstr(this_size.text(), "[madvise]") != nullptr;
}

bool advise(std::uintptr_t begin, std::size_t size, int advice) {
  return madvise(reinterpret_cast<void*>(begin), size, advice) == 0;
}

// Fills empty pages; 0, or why the kernel will not have it.
Error collapse(const PageRange& empty) {
  for (std::uintptr_t page = empty.begin(); page < empty.end();
       page += kPageSize)
    if (!advise(page, kernel_page_size(), MADV_POPULATE_WRITE)) return -errno;
  if (advise(empty.begin(), empty.size(), MADV_COLLAPSE)) return 0;
  // EAGAIN: some page was in use just then; it stays small.
  return errno == EAGAIN ? 0 : -errno;
}

bool has_collapse() { return advise(0, 0, MADV_COLLAPSE); }

PageRange first_of(const PageRange& pages, std::size_t size) {
  return PageRange::inward(
      *ByteRange::from(pages.begin(), std::min(pages.size(), size)));
}

}  // namespace

void ask_for_huge_pages(const Mapping& mapping, const ByteRange& range) {
  const PageRange pages = PageRange::inward(range);
  if (pages.empty() || conf().huge_pages == HugePages::kNever ||
      !are_on_request())
    return;
  EmptyPages empty_pages(pages);
  PageRange empty = pages;
  if (!empty_pages.next(&empty)) return;

  const bool is_whole_mapping =
      range.begin() == mapping.begin && range.end() == mapping.end;
  if (!has_collapse()) {
    advise(range.begin(), range.size(), MADV_HUGEPAGE);
    return;
  }
  if (is_whole_mapping) {
    if (collapse(first_of(empty, kPageSize)) == 0)
      advise(mapping.begin, mapping.end - mapping.begin, MADV_HUGEPAGE);
    return;
  }
  do {
    while (!empty.empty()) {
      const PageRange batch = first_of(empty, kCollapseSize);
      if (collapse(batch) != 0) return;
      empty = PageRange::inward(
          *ByteRange::from(batch.end(), empty.end() - batch.end()));
    }
  } while (empty_pages.next(&empty));
}

void use_huge_pages(const PageRange& pages) {
  // The kernel gathers them in time where it does not know the second.
  advise(pages.begin(), pages.size(), MADV_HUGEPAGE);
  advise(pages.begin(), pages.size(), MADV_COLLAPSE);
}

// Without this the kernel gathers what is left of a page, and fills up the rest.
void use_small_pages(const PageRange& pages) {
  advise(pages.begin(), pages.size(), MADV_NOHUGEPAGE);
}

}  // namespace gmem::host
