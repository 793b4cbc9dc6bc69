/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/cli/figures.test.ts > TAP > the summary and the last lines > must match snapshot 1`] = `
jobs ended       4 (3 completed, 1 failed), 12 were running
polls            1204 (2 failed)
poll lateness    p50 1.2 ms, p99 14 ms, max 33 ms
event-loop delay p50 0.2 ms, p99 11 ms, max 20 ms
`
