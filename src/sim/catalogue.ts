/** What the simulated VMs are made of: names, places and faults as they are met in the field. */

export interface Place {
  readonly vcenterHost: string
  readonly datacenter: string
  readonly datastores: readonly [string, ...string[]]
}

export const PLACES: readonly [Place, ...Place[]] = [
  {
    vcenterHost: 'quad-vcenter-01.example.local',
    datacenter: 'DatabanxDC',
    datastores: ['vsanDatastore', 'nvme-pool-a'],
  },
  {
    vcenterHost: 'vcsa-east.example.local',
    datacenter: 'EastDC',
    datastores: ['SAN-EAST-01', 'SAN-EAST-02', 'nfs-archive'],
  },
]

export interface Role {
  readonly prefix: string
  readonly osType: 'windows' | 'linux'
  readonly memoryMb: number
}

/** A VM's role follows from its place in the fleet: names stay the same however large the fleet is. */
export const ROLES: readonly [Role, ...Role[]] = [
  { prefix: 'pgtest', osType: 'linux', memoryMb: 8_192 },
  { prefix: 'web', osType: 'linux', memoryMb: 4_096 },
  { prefix: 'app', osType: 'linux', memoryMb: 16_384 },
  { prefix: 'sql', osType: 'windows', memoryMb: 65_536 },
  { prefix: 'files', osType: 'windows', memoryMb: 8_192 },
  { prefix: 'mail', osType: 'windows', memoryMb: 32_768 },
  { prefix: 'ci-runner', osType: 'linux', memoryMb: 16_384 },
  { prefix: 'dc', osType: 'windows', memoryMb: 4_096 },
]

/** What migratekit says when it fails and lives to tell. */
export const FAULTS: readonly [string, ...string[]] = [
  'nbd_pwrite: connection reset by peer',
  'VixDiskLib_Read: NFC error 14009: the server refused the connection',
  'snapshot consolidation needed: cannot open the base disk',
  'QueryChangedDiskAreas: FileFault: error caused by file [vsanDatastore] (CBT reset?)',
  'nbd_block_status: server has closed the export',
]

/** The set-up stages that real clients report, in order (FIELD-NOTES, "What real clients send"). */
export const SETUP_STEPS = [
  { stage: 'Initializing', percent: 5 },
  { stage: 'Creating Snapshot', percent: 10 },
  { stage: 'Creating Snapshot', percent: 15 },
  { stage: 'Setting up NBD', percent: 20 },
  { stage: 'Preparing Migration', percent: 30 },
] as const
