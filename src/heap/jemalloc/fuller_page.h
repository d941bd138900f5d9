/* SPDX-License-Identifier: MulanPSL-2.0 */
/*
 * Which of two unused extents serves an allocation: that in the fuller 2 MiB
 * page, so that pages that are nearly unused come to be wholly so.
 * scripts/build-jemalloc has jemalloc's eset.c include this file.
 */
static inline bool
gmem_serves_rather(edata_cmp_summary_t one, edata_cmp_summary_t other) {
	unsigned unused = gmem_unused_in_page(one.addr);
	unsigned unused_other = gmem_unused_in_page(other.addr);
	return unused != unused_other ? unused < unused_other
	    : edata_cmp_summary_comp(one, other) < 0;
}
