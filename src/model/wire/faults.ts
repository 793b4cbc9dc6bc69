/** Validation errors as one sentence for people: `bytes_transferred must be >= 0; percent must be <= 100` (VMA-2). */

export interface SchemaFault {
  /** JSON pointer, '' for the document itself. */
  readonly instancePath: string
  readonly message: string
}

/** Names every faulty field once, in the order in which the schema names them. */
export function describeFaults(faults: readonly SchemaFault[]): string {
  const byField = new Map<string, string>()
  for (const { instancePath, message } of faults) {
    const field = fieldName(instancePath)
    if (!byField.has(field)) byField.set(field, `${field} ${message}`)
  }
  return [...byField.values()].join('; ')
}

/** `/disks/1/id` → `disks[1].id`. */
function fieldName(pointer: string): string {
  if (pointer === '') return 'body'
  return pointer
    .slice(1)
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
}
