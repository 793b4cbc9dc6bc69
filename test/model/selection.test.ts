import t from 'tap'
import { chooseFields, chooseParts, pick } from '../../src/model/selection.ts'

const PARTS = { context: ['vm_name', 'id'], disks: ['id', 'size'] }

t.test('[API-2] fields come in the order of the answer; what is no field is named', async (t) => {
  t.same(chooseFields(['c', 'a', 'x', 'a'], ['a', 'b', 'c']), { fields: ['a', 'c'], unknown: ['x'] })
})

t.test('[API-2] a part stands for all its fields, a path for one of them', async (t) => {
  t.same(chooseParts(['disks.size'], PARTS), { parts: { disks: ['size'] }, unknown: [] })
  t.same(chooseParts(['context', 'context.id'], PARTS), { parts: { context: ['vm_name', 'id'] }, unknown: [] })
  t.same(chooseParts(['disk', 'context.size', 'id', '', 'disks.', '__proto__', 'context.constructor'], PARTS), {
    parts: {},
    unknown: ['disk', 'context.size', 'id', '', 'disks.', '__proto__', 'context.constructor'],
  })
})

t.test('[API-2] picking takes nothing that is not there', async (t) => {
  t.same(pick({ a: 1, b: null }, ['b', 'c']), { b: null })
  t.same(pick({ a: 1 }, undefined), { a: 1 })
})
