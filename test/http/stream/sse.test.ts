import t from 'tap'
import { positionsOf } from '../../../src/http/stream/sse.ts'

t.test('[WS-2] an event id is read back as one position per topic', async (t) => {
  t.same(positionsOf('e-1:5,7', 2), [
    { epoch: 'e-1', seq: 5 },
    { epoch: 'e-1', seq: 7 },
  ])
  t.same(positionsOf('e-1:5,', 2), [{ epoch: 'e-1', seq: 5 }, undefined], 'nothing was seen of the second')
  for (const id of ['', 'e-1', 'e-1:', 'e-1:x', 'e-1:5,7,9', '5', 'e:1:2', 'e-1:99999999999999999999,1']) {
    t.notOk(positionsOf(id, 2)[0], id)
  }
})
