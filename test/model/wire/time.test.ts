import fc from 'fast-check'
import t from 'tap'
import { utcSeconds, utcMillis } from '../../../src/model/wire/time.ts'

t.test('[API-6] times are RFC 3339, whatever day was asked for before', async (t) => {
  const years = fc.integer({ min: 0, max: Date.parse('2999-12-31T23:59:59.999Z') })
  fc.assert(
    fc.property(years, (at) => {
      const iso = new Date(at).toISOString()
      return utcMillis(at) === iso && utcSeconds(at) === `${iso.slice(0, 19)}Z`
    }),
  )
  t.equal(utcSeconds(Date.parse('2025-09-05T15:26:15.984Z')), '2025-09-05T15:26:15Z')
})
