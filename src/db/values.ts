/** Columns and values of one statement, without the columns that a database does not have, and so that they fit (DB-6). */

import type { SqlValue } from './executor.ts'
import { fit, type Columns } from './limits.ts'

export class Values {
  readonly names: string[] = []
  readonly values: SqlValue[] = []

  /** `undefined` leaves a column out. */
  constructor({ known, limits }: Columns, table: string, all: Readonly<Record<string, SqlValue | undefined>>) {
    const columns = known.get(table)
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined || !columns?.has(name)) continue
      this.names.push(name)
      this.values.push(fit(value, limits.get(`${table}.${name}`)))
    }
  }

  /** `a = ?, b = ?` */
  get assignments(): string {
    return this.names.map((name) => `${name} = ?`).join(', ')
  }
}
