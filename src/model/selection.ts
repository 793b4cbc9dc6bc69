/** Field selection (API-2): `fields=vm_name,current_status` of flat objects, `fields=context,current_job.status` of parts. */

export interface ChosenFields {
  /** In the order in which the answer has them, whatever order they were asked in. */
  readonly fields: readonly string[]
  /** Asked for, and no field. */
  readonly unknown: readonly string[]
}

export function chooseFields(asked: readonly string[], all: readonly string[]): ChosenFields {
  const wanted = new Set(asked)
  return { fields: all.filter((field) => wanted.has(field)), unknown: asked.filter((field) => !all.includes(field)) }
}

/** Part → its chosen fields; a part that was not asked for is absent. */
export type PartFields<P extends string> = Readonly<Partial<Record<P, readonly string[]>>>

export interface ChosenParts<P extends string> {
  readonly parts: PartFields<P>
  readonly unknown: readonly string[]
}

/** `part` means all of it, `part.field` one field; a part may be named both ways. */
export function chooseParts<P extends string>(
  asked: readonly string[],
  all: Readonly<Record<P, readonly string[]>>,
): ChosenParts<P> {
  const names = Object.keys(all) as P[]
  const parts: Partial<Record<P, readonly string[]>> = {}
  for (const name of names) {
    const fields = all[name].filter((field) => asked.includes(name) || asked.includes(`${name}.${field}`))
    if (fields.length > 0) parts[name] = fields
  }
  const isKnown = (path: string): boolean =>
    names.some((name) => path === name || all[name].some((field) => path === `${name}.${field}`))
  return { parts, unknown: asked.filter((path) => !isKnown(path)) }
}

/** The chosen fields of an object; undefined: all of them. */
export function pick<T extends object>(object: T, fields: readonly string[] | undefined): Partial<T> {
  if (fields === undefined) return object
  const chosen: Record<string, unknown> = {}
  for (const field of fields) if (field in object) chosen[field] = object[field as keyof T]
  return chosen as Partial<T>
}
