/** One circuit per VMA (POLL-8): its machine, the polls whose failure waits for the probe's word, and what it leads to. */

import { createActor, type ActorRefFrom } from 'xstate'
import { circuitMachine, type CircuitMachine, type CircuitPolicy, type CircuitState } from '../machines/circuit.ts'
import type { ActorClock } from '../machines/clock.ts'
import type { PollError } from '../model/errors.ts'

export interface CircuitsOptions {
  /** Names of the VMAs, in the order of the settings. */
  readonly vmas: readonly string[]
  readonly policy: CircuitPolicy
  readonly now: () => number
  readonly random: () => number
  readonly clock: ActorClock
  /** Runs a function in a later turn of the event loop. */
  readonly defer: (run: () => void) => void
  /** Asks a VMA for a sign of life; the answer comes by `probed`. */
  readonly probe: (vma: number) => void
  readonly onHold: (vma: number, cause: PollError) => void
  /** `downMs`: how long the VMA could not be reached. */
  readonly onResume: (vma: number, downMs: number) => void
}

export interface CircuitView {
  readonly name: string
  readonly state: CircuitState
  readonly isUp: boolean
  /** When the present state of being up or down began. */
  readonly since: number
  /** Why it is down. */
  readonly cause: PollError | undefined
}

/** Told whether the VMA turned out to be there. */
export type Doubt = (isUp: boolean) => void

interface Circuit {
  readonly name: string
  readonly actor: ActorRefFrom<CircuitMachine>
  /** Polls without an answer that wait for the probe's word: the job's own failure, or the VMA's. */
  readonly doubts: Doubt[]
  isUp: boolean
  since: number
  cause: PollError | undefined
}

export class Circuits {
  readonly #options: CircuitsOptions
  readonly #circuits: readonly Circuit[]

  constructor(options: CircuitsOptions) {
    this.#options = options
    const machine = circuitMachine.provide({
      actions: {
        probe: ({ context }) => options.probe(context.vma),
        acquit: ({ context }) => this.#acquit(context.vma),
        hold: ({ context }) => this.#hold(context.vma),
        resume: ({ context }) => this.#resume(context.vma),
      },
    })
    this.#circuits = options.vmas.map((name, vma) => {
      const actor = createActor(machine, { clock: options.clock, input: { vma, policy: options.policy } })
      actor.start()
      return { name, actor, doubts: [], isUp: true, since: options.now(), cause: undefined }
    })
  }

  isUp(vma: number): boolean {
    return this.#circuits[vma]?.isUp ?? true
  }

  /** Something of this VMA answered. Costs nothing while all is well. */
  answered(vma: number): void {
    const circuit = this.#circuits[vma]
    if (circuit !== undefined && circuit.actor.getSnapshot().value !== 'closed') circuit.actor.send({ type: 'ANSWER' })
  }

  /** A poll got no answer: `decided` is told, now or after a probe, whether that was the job's fault or the VMA's. */
  doubt(vma: number, cause: PollError, decided: Doubt): void {
    const circuit = this.#circuits[vma]
    if (circuit === undefined) return decided(true)
    if (!circuit.isUp) return decided(false)
    circuit.cause = cause
    circuit.doubts.push(decided)
    circuit.actor.send({ type: 'DOUBT' })
  }

  /** What the probe brought; `undefined`: an answer. */
  probed(vma: number, cause: PollError | undefined): void {
    const circuit = this.#circuits[vma]
    if (circuit === undefined) return
    if (cause === undefined) return circuit.actor.send({ type: 'ANSWER' })
    circuit.cause = cause
    circuit.actor.send({ type: 'PROBE_FAILED', random: this.#options.random() })
  }

  view(): readonly CircuitView[] {
    return this.#circuits.map(({ name, actor, isUp, since, cause }) => ({
      name,
      state: actor.getSnapshot().value,
      isUp,
      since,
      cause: isUp ? undefined : cause,
    }))
  }

  stop(): void {
    for (const { actor } of this.#circuits) actor.send({ type: 'STOP' })
  }

  #acquit(vma: number): void {
    const circuit = this.#circuits[vma]
    if (circuit !== undefined) this.#decide(circuit, true)
  }

  #hold(vma: number): void {
    const circuit = this.#circuits[vma]
    if (circuit === undefined) return
    this.#mark(circuit, false)
    this.#decide(circuit, false)
    this.#options.onHold(vma, circuit.cause ?? { code: 'unreachable', message: 'no answer' })
  }

  #resume(vma: number): void {
    const circuit = this.#circuits[vma]
    if (circuit === undefined) return
    const downMs = this.#options.now() - circuit.since
    this.#mark(circuit, true)
    this.#options.onResume(vma, downMs)
  }

  #mark(circuit: Circuit, isUp: boolean): void {
    circuit.isUp = isUp
    circuit.since = this.#options.now()
  }

  /** In a later turn: the machine is in the midst of its transition, and what is decided may doubt the VMA again. */
  #decide(circuit: Circuit, isUp: boolean): void {
    const doubts = circuit.doubts.splice(0)
    if (doubts.length === 0) return
    this.#options.defer(() => {
      for (const decided of doubts) decided(isUp)
    })
  }
}
