/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/table.test.ts > TAP > looks like this at 132, 80, 60 and 40 columns > 132 columns 1`] = `
3 active · 12 done · 1 failed · 11.5 MiB/s · 1.5 polls/s · late 3/14 ms · loop 11 ms
VM                  JOB                              TYPE  STAGE              PROGRESS       %          MOVED   MiB/s     ETA  DISKS
pgtest1             job-20250909-114850.709-8034ee1  full  Transfer           ███▉····   49.3%  17.7/36.0 GiB    11.5  27m11s    2/2
a-very-long-machi…  job-20250909-114852.000-bbbbbbb  full  stalled            ███▉····   49.3%  17.7/36.0 GiB       -       -    2/2
会計サーバー-2      job-20250909-114851.100-aaaaaaa  incr  Creating Snapshot  ········       -   0.0/36.0 GiB       -       -    1/2
sql-001             job-20250909-113840.000-ddddddd  full  failed             █████▋··   71.2%  36.0/36.0 GiB       -       -    2/2
web-001             job-20250909-113839.716-ccccccc  full  completed          ████████    100%  36.0/36.0 GiB       -       -    2/2
`

exports[`test/cli/table.test.ts > TAP > looks like this at 132, 80, 60 and 40 columns > 40 columns 1`] = `
3 active · 12 done · 1 failed
11.5 MiB/s · 1.5 polls/s · late 3/14 ms
loop 11 ms
VM              PROGRESS       %   MiB/s
pgtest1         ███▉····   49.3%    11.5
a-very-long-m…  ███▉····   49.3%       -
会計サーバー-2  ········       -       -
sql-001         █████▋··   71.2%       -
web-001         ████████    100%       -
`

exports[`test/cli/table.test.ts > TAP > looks like this at 132, 80, 60 and 40 columns > 60 columns 1`] = `
3 active · 12 done · 1 failed · 11.5 MiB/s · 1.5 polls/s
late 3/14 ms · loop 11 ms
VM            STAGE         PROGRESS       %   MiB/s     ETA
pgtest1       Transfer      ███▉····   49.3%    11.5  27m11s
a-very-long…  stalled       ███▉····   49.3%       -       -
会計サーバ…   Creating Sn…  ········       -       -       -
sql-001       failed        █████▋··   71.2%       -       -
web-001       completed     ████████    100%       -       -
`

exports[`test/cli/table.test.ts > TAP > looks like this at 132, 80, 60 and 40 columns > 80 columns 1`] = `
3 active · 12 done · 1 failed · 11.5 MiB/s · 1.5 polls/s · late 3/14 ms
loop 11 ms
VM          STAGE         PROGRESS       %          MOVED   MiB/s     ETA  DISKS
pgtest1     Transfer      ███▉····   49.3%  17.7/36.0 GiB    11.5  27m11s    2/2
a-very-lo…  stalled       ███▉····   49.3%  17.7/36.0 GiB       -       -    2/2
会計サー…   Creating Sn…  ········       -   0.0/36.0 GiB       -       -    1/2
sql-001     failed        █████▋··   71.2%  36.0/36.0 GiB       -       -    2/2
web-001     completed     ████████    100%  36.0/36.0 GiB       -       -    2/2
`

exports[`test/cli/table.test.ts > TAP > looks like this at 132, 80, 60 and 40 columns > 80 columns without unicode 1`] =
  `
3 active | 12 done | 1 failed | 11.5 MiB/s | 1.5 polls/s | late 3/14 ms
loop 11 ms
VM          STAGE         PROGRESS       %          MOVED   MiB/s     ETA  DISKS
pgtest1     Transfer      ###.....   49.3%  17.7/36.0 GiB    11.5  27m11s    2/2
a-very-lo~  stalled       ###.....   49.3%  17.7/36.0 GiB       -       -    2/2
会計サー~   Creating Sn~  ........       -   0.0/36.0 GiB       -       -    1/2
sql-001     failed        #####...   71.2%  36.0/36.0 GiB       -       -    2/2
web-001     completed     ########    100%  36.0/36.0 GiB       -       -    2/2
`
