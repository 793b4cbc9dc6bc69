/** Building objects whose optional fields are absent where they are not known (exactOptionalPropertyTypes). */

export type Changeable<T> = { -readonly [K in keyof T]: T[K] }

/** An absent field is no key at all. Spreading an object for each would cost ten times as much. */
export function set<T extends object, K extends keyof T>(to: T, name: K, value: T[K] | undefined): void {
  if (value !== undefined) to[name] = value
}
