/**
 * Tables of ours. A deployed database does not have them until `sightline migrate` has run, so what needs them is off
 * there (DB-6). No foreign key: another service may delete its rows as it always did.
 */

import type { Table } from './schema.ts'

/** API-3: how jobs went. `data` is written and read by src/model/history.ts alone. */
export const jobHistory: Table = {
  name: 'sightline_job_history',
  needed: false,
  columns: [
    { name: 'job_id', type: 'varchar(191)', needed: false, extra: 'not null primary key' },
    { name: 'data', type: 'longtext', needed: false, extra: 'not null' },
    { name: 'updated_at', type: 'datetime(3)', needed: false, extra: 'not null' },
  ],
  keys: ['index idx_history_updated (updated_at)'],
  references: [],
}
