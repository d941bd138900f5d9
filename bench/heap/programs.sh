# SPDX-License-Identifier: MulanPSL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034  # what run reads
# What the real programs have to do, in so many rounds as the effort leaves.
# Sourced by run, in whose directory of work the files lie.

rounds_of() { awk -v n="$1" -v effort="${effort:?}" 'BEGIN {
  n = int(n * effort); print (n > 0 ? n : 1) }'; }

# A database in memory, with an index, sorting and deleting.
write_sql() {
  cat <<EOT
create table t(id integer primary key, name text, amount int);
with recursive n(i) as
  (select 1 union all select i + 1 from n where i < $(rounds_of 300000))
  insert into t select i, 'name' || (i * 7919 % 100003), i * 31 % 1009 from n;
create index by_name on t(name);
select name, sum(amount) as s from t group by name order by s desc limit 5;
select count(*) from t a join t b on a.name = b.name where a.id < b.id;
select group_concat(name, ',') from t where id % 3 = 0;
delete from t where id % 3 = 0;
update t set name = name || name || name where id % 2 = 0;
EOT
}

# Objects of many kinds that come and go.
write_python() {
  cat <<EOT
import json, random
random.seed(1)
names = {}
for i in range($(rounds_of 250000)):
    names["name%d" % random.randrange(100000)] = [i, str(i), (i, i + 1)]
text = json.dumps(names)
again = json.loads(text)
words = sorted(again, key=lambda name: again[name][1])
lines = "\n".join(word * (1 + len(word) % 3) for word in words)
print(len(set(lines.split("\n"))), len(text))
EOT
}

# Types that each need templates of their own.
write_cxx() {
  awk -v count="$(rounds_of 16)" 'BEGIN {
    print "#include <algorithm>\n#include <map>\n#include <string>"
    print "#include <unordered_map>\n#include <vector>"
    for (i = 0; i < count; ++i) {
      printf "struct Key%d { std::string name; long value;\n", i
      printf "  bool operator<(const Key%d& other) const {\n", i
      printf "    return value < other.value; } };\n"
      printf "long use%d(const std::vector<Key%d>& keys) {\n", i, i
      printf "  std::map<Key%d, std::vector<Key%d>> tree;\n", i, i
      printf "  std::unordered_map<std::string, Key%d> table;\n", i
      printf "  for (const Key%d& key : keys) {\n", i
      printf "    tree[key].push_back(key); table[key.name] = key; }\n"
      printf "  std::vector<Key%d> sorted(keys);\n", i
      printf "  std::sort(sorted.begin(), sorted.end());\n"
      printf "  return long(tree.size() + table.size()) + sorted[0].value; }\n"
    }
  }'
}

write_inputs() {
  write_sql >sql
  write_python >program.py
  write_cxx >source.cc
}

# The program of a workload, and the whole of its command.
program_of() {
  case $1 in
    sqlite) echo sqlite3 ;;
    python) echo python3 ;;
    g++) echo g++ ;;
    redis) echo redis-benchmark ;;
    *) echo true ;;
  esac
}

# Of redis there must be the server, too, which may be a package of its own.
has_program() {
  command -v "$(program_of "$1")" >/dev/null || return
  [ "$1" != redis ] || command -v redis-server >/dev/null
}

# Python's own allocator, which takes the small objects, stands aside.
command_of() {
  case $1 in
    sqlite) command=(sqlite3 :memory: '.read sql') ;;
    python) command=(env PYTHONMALLOC=malloc python3 program.py) ;;
    g++) command=(g++ -O1 -c source.cc -o source.o) ;;
  esac
}
