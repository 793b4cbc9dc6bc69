import t from 'tap'
import { Tickets } from '../../../src/http/stream/tickets.ts'

t.test('[WS-5] a ticket opens once, within 30 s', async (t) => {
  const tickets = new Tickets()
  t.equal(tickets.issue('one', 1_000), 31_000)
  tickets.issue('two', 1_000)
  t.equal(tickets.redeem('other', 1_000), undefined)
  t.equal(tickets.redeem('one', 30_999), Infinity)
  t.equal(tickets.redeem('one', 30_999), undefined, 'used')
  t.equal(tickets.redeem('two', 31_000), undefined, 'over')
})

t.test('[WS-5] tickets are bounded: the oldest goes', async (t) => {
  const tickets = new Tickets()
  for (let i = 0; i < 10_001; i += 1) tickets.issue(`t${i}`, 0)
  t.equal(tickets.redeem('t0', 1), undefined)
  t.equal(tickets.redeem('t1', 1), Infinity)
})

t.test('[WS-5] a ticket tells when the token that it was given for ends, and does not outlive it', async (t) => {
  const tickets = new Tickets()
  t.equal(tickets.issue('long', 1_000, 60_000), 31_000)
  t.equal(tickets.redeem('long', 30_999), 60_000)
  t.equal(tickets.issue('short', 1_000, 5_000), 5_000)
  t.equal(tickets.redeem('short', 5_000), undefined)
})
