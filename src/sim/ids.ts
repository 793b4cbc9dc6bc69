/** Identifiers in the forms that the field uses (FIELD-NOTES: `job-20250925-134230.513-8034ee`, `ctx-pgtest1-20250909-113839`). */

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

/** `20250909-113839`, in local time, as the GUI of an OMA writes it. */
function stamp(at: Date): string {
  const day = `${digits(at.getFullYear(), 4)}${digits(at.getMonth() + 1, 2)}${digits(at.getDate(), 2)}`
  return `${day}-${digits(at.getHours(), 2)}${digits(at.getMinutes(), 2)}${digits(at.getSeconds(), 2)}`
}

/** `suffix` tells jobs of one millisecond apart. */
export function jobIdAt(now: number, suffix: string): string {
  const at = new Date(now)
  return `job-${stamp(at)}.${digits(at.getMilliseconds(), 3)}-${suffix}`
}

export function contextIdAt(vmName: string, now: number): string {
  return `ctx-${vmName}-${stamp(new Date(now))}`
}

export function exportName(volumeId: string): string {
  return `migration-vol-${volumeId}`
}
