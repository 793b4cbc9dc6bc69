import fc from 'fast-check'
import t from 'tap'
import {
  describeRegistrationFaults,
  describeUpdateFaults,
  isProgressUpdate,
  isRegistration,
} from '../../../src/model/wire/update.ts'

t.test('[VMA-2] details name every faulty field, and only those', async (t) => {
  const faults = (value: unknown) => {
    t.equal(isProgressUpdate(value), false)
    return describeUpdateFaults(value)
  }
  t.equal(faults({ stage: 'Transfer', bytes_transferred: -1 }), 'bytes_transferred must be >= 0')
  t.equal(faults({ bytes_transferred: -1, percent: 101 }), 'bytes_transferred must be >= 0; percent must be <= 100')
  t.equal(
    faults({ stage: 5, status: null, bytes_transferred: '1', percent: true }),
    'stage must be string; status must be string; bytes_transferred must be integer; percent must be number',
  )
  t.equal(faults({ bytes_transferred: 2 ** 53 }), 'bytes_transferred must be <= 9007199254740991')
  t.equal(faults({ bytes_transferred: 1.5 }), 'bytes_transferred must be integer')
  t.equal(
    faults(JSON.parse('{"percent":1e999,"total_bytes":1e999}')),
    'total_bytes must be integer; percent must be number',
  )
  t.equal(faults({ stage: 'x'.repeat(256) }), 'stage must not have more than 255 characters')
  t.equal(faults([]), 'body must be object')
  t.equal(faults(null), 'body must be object')
  t.equal(faults('Transfer'), 'body must be object')
})

t.test('[VMA-2] an update that says nothing is refused', async (t) => {
  for (const empty of [{}, { disk_id: 'disk-1' }, { stage: '', status: '' }, { total_bytes: 5 }]) {
    t.equal(isProgressUpdate(empty), false)
    t.equal(describeUpdateFaults(empty), 'one of stage, status, bytes_transferred, percent is required')
  }
})

t.test('[VMA-1] what real clients send is taken', async (t) => {
  const real = [
    { stage: 'Initializing', status: 'in_progress', percent: 5 },
    { stage: 'Initializing', status: 'in_progress', bytes_transferred: 0, throughput_bps: 0, percent: 5 },
    {
      stage: 'Transfer',
      bytes_transferred: 1073741824,
      total_bytes: 10737418240,
      throughput_bps: 104857600,
      percent: 10.0,
    },
    { stage: 'Transfer', status: 'failed', error_message: 'x'.repeat(5_000) },
    { status: 'completed', percent: 100, total_bytes: 0, seq: 7, boot_id: 'b', sync_type: 'incremental' },
    { bytes_transferred: 1, unknown_field: { deep: [1] }, disk_id: '' },
    { stage: 'Transfer', throughput_bps: 12013439.5 },
  ]
  for (const update of real) t.equal(isProgressUpdate(update), true, JSON.stringify(update))
})

t.test('[VMA-2] no JSON value is both taken and faulty, or refused without a reason', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      if (isProgressUpdate(value)) return
      if (describeUpdateFaults(value) === '') throw new Error('refused without a reason')
    }),
  )
})

t.test('[VMA-3] a registration is optional in every part, and its faults are named', async (t) => {
  for (const fine of [{}, { disks: [] }, { vm_info: {} }, { disks: [{ id: 'd', planned_bytes: 1 }] }, { other: 1 }]) {
    t.equal(isRegistration(fine), true)
  }
  const bad = { disks: [{ id: 'a' }, { id: '', planned_bytes: -1, origin: 'guess' }], nbd: { exports: [{}] } }
  t.equal(isRegistration(bad), false)
  const details = describeRegistrationFaults(bad)
  for (const field of ['disks[0] ', 'disks[1].id ', 'disks[1].planned_bytes ', 'disks[1].origin ', 'nbd.exports[0] ']) {
    t.ok(details.includes(field), `${field} in ${details}`)
  }
  const twice = {
    disks: [
      { id: 'a', planned_bytes: 1 },
      { id: 'a', planned_bytes: 2 },
    ],
  }
  t.equal(isRegistration(twice), false)
  t.equal(describeRegistrationFaults(twice), 'disks must not name a disk twice (a)')
})
