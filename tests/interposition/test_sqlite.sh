#!/usr/bin/env bash
# SPDX-License-Identifier: MulanPSL-2.0
# sqlite3: a database in memory.
here=${GMEM_SRCDIR:?make check sets it}/tests/interposition
# shellcheck source=tests/interposition/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/interposition/preload.sh
. "$here/preload.sh"

need_program sqlite3

use_sqlite() {
  sqlite3 :memory: "
    create table t(id integer primary key, name text, amount int);
    with recursive n(i) as (select 1 union all select i + 1 from n
                            where i < 200000)
      insert into t select i, 'name' || (i * 7919 % 100003),
                           i * 31 % 1009 from n;
    create index by_name on t(name);
    select count(*), sum(amount), count(distinct name) from t;
    select name, sum(amount) as s from t group by name
      order by s desc, name limit 5;
    select count(*) from t a join t b on a.name = b.name where a.id < b.id;
    delete from t where id % 3 = 0;
    vacuum;
    select sum(id) from t;"
}

same sqlite sqlite3 use_sqlite
done_testing
