/** The circuits of the VMAs as the supervisor has them: a VMA that comes or goes is told of, and its jobs with it (POLL-8). */

import { Circuits } from './circuits.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import type { ActorClock } from '../machines/clock.ts'

/** `align`: tells a VMA's jobs how it stands. */
export function supervisedCircuits(
  { vmas, circuit, now, random, defer, fetch, events }: SupervisorOptions,
  clock: ActorClock,
  align: (vma: number) => void,
): Circuits {
  return new Circuits({
    vmas,
    policy: circuit,
    now,
    random,
    clock,
    defer,
    probe: (vma) => fetch.probe(vma),
    onHold: (vma, cause) => {
      events.onVmaDown(vmas[vma] ?? '', cause)
      align(vma)
    },
    onResume: (vma, downMs) => {
      events.onVmaUp(vmas[vma] ?? '', downMs)
      fetch.follow(vma)
      align(vma)
    },
  })
}
