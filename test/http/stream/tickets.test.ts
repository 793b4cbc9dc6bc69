import t from 'tap'
import { Tickets } from '../../../src/http/stream/tickets.ts'

t.test('[WS-5] a ticket opens once, within 30 s', async (t) => {
  const tickets = new Tickets()
  t.equal(tickets.issue('one', 1_000), 31_000)
  tickets.issue('two', 1_000)
  t.equal(tickets.redeem('other', 1_000), false)
  t.equal(tickets.redeem('one', 30_999), true)
  t.equal(tickets.redeem('one', 30_999), false, 'used')
  t.equal(tickets.redeem('two', 31_000), false, 'over')
})

t.test('[WS-5] tickets are bounded: the oldest goes', async (t) => {
  const tickets = new Tickets()
  for (let i = 0; i < 10_001; i += 1) tickets.issue(`t${i}`, 0)
  t.equal(tickets.redeem('t0', 1), false)
  t.equal(tickets.redeem('t1', 1), true)
})
