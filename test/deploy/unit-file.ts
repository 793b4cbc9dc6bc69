/** Reads a unit file as systemd does, as far as ours go: sections, keys that may repeat, comments. */

export type UnitFile = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

export function readUnit(text: string): UnitFile {
  const sections = new Map<string, Map<string, string[]>>()
  let section: Map<string, string[]> | undefined
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '' || /^[#;]/.test(line)) continue
    const name = /^\[(\w+)\]$/.exec(line)?.[1]
    if (name !== undefined) {
      section = sections.get(name) ?? new Map<string, string[]>()
      sections.set(name, section)
      continue
    }
    const [, key, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? []
    if (section === undefined || key === undefined || value === undefined)
      throw new Error(`line ${i + 1} is no assignment of a section: ${line}`)
    section.set(key, [...(section.get(key) ?? []), value])
  }
  return sections
}
