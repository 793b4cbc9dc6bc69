/** Bodies that are not what they should be. */

import { pack } from 'msgpackr'
import type { Random } from '../../../src/sim/random.ts'

const FIELDS = [
  'stage',
  'status',
  'bytes_transferred',
  'total_bytes',
  'throughput_bps',
  'percent',
  'disk_id',
  'sync_type',
  'seq',
  'boot_id',
  'error_message',
  'disks',
  'vm_info',
  'cbt',
  'nbd',
  '__proto__',
  'constructor',
] as const

function valueOf(random: Random, depth: number): unknown {
  const kind = random.integer(0, 11)
  if (kind === 0 && depth > 0) return Array.from({ length: random.integer(0, 5) }, () => valueOf(random, depth - 1))
  if (kind === 1 && depth > 0) return documentOf(random, depth - 1)
  return random.pick([
    null,
    true,
    -1,
    0,
    1e308,
    -1e308,
    2 ** 53,
    0.1,
    '',
    'Transfer',
    'completed',
    'x'.repeat(random.integer(0, 2_000)),
    '\u0000\ud800\u2028',
    '2025-13-45T99:99:99Z',
  ])
}

function documentOf(random: Random, depth: number): Record<string, unknown> {
  const entries = Array.from({ length: random.integer(0, 12) }, () => [random.pick(FIELDS), valueOf(random, depth)])
  // fromEntries defines even __proto__ as a field of its own, and JSON.stringify writes it.
  return Object.fromEntries(entries) as Record<string, unknown>
}

export function depthOf(random: Random, levels: number): Buffer {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"disks":[', ']}'],
  ])
  const inner = open.repeat(levels)
  const whole = `${inner}1${close.repeat(levels)}`
  return Buffer.from(random.chance(0.7) ? whole : `{"percent":1,"vm_info":${random.chance(0.5) ? inner : whole}}`)
}

export function bodyOf(random: Random): Buffer {
  const json = Buffer.from(JSON.stringify(documentOf(random, 3)))
  switch (random.integer(0, 9)) {
    case 0:
      return json.subarray(0, random.integer(0, json.length))
    case 1:
      return Buffer.concat([json.subarray(0, 5), Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80])])
    case 2:
      return Buffer.from(`{"pad":"${'x'.repeat(random.integer(60_000, 70_000))}"}`)
    case 3:
      return pack(documentOf(random, 3))
    case 4:
      return Buffer.from(`\ufeff${json.toString()}`)
    case 5:
      return Buffer.from(random.pick(['', '0', '"', 'null', '[]', '1e999', '{"percent":1e999}', 'NaN', '{"a":1,}']))
    case 6:
      return depthOf(random, random.integer(1, 3_000))
    default:
      return json
  }
}
