import t from 'tap'
import { correlationId } from '../../src/actors/correlation.ts'

t.test('[LOG-1] a correlation id is a UUID that follows from the job id alone', async (t) => {
  const id = correlationId('job-20250905-162427')
  t.equal(id, '52316aad-5a13-833e-907a-d3108e527207')
  t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const ids = Array.from({ length: 1_000 }, (_, i) => correlationId(`job-${i}`))
  t.equal(new Set(ids).size, 1_000)
  t.ok(ids.every((each) => /^[0-9a-f-]{14}8[0-9a-f-]{4}[89ab]/.test(each) && each.length === 36))
})
