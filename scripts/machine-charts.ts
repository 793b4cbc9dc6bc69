/** docs/machines.md: the machines' charts as Mermaid, read from the machines themselves. */

import { circuitMachine } from '../src/machines/circuit.ts'
import { lifecycleMachine } from '../src/machines/lifecycle.ts'
import { pollingMachine } from '../src/machines/polling.ts'

interface Transition {
  readonly eventType: string
  readonly target?: readonly { readonly key: string }[] | undefined
  readonly guard?: unknown
}

interface Node {
  readonly key: string
  readonly type: string
  readonly states: Readonly<Record<string, Node>>
  readonly transitions: { values(): Iterable<readonly Transition[]> }
  readonly initial: { readonly target: readonly { readonly key: string }[] }
}

export function machineCharts(): string {
  return [
    '# The machines',
    '',
    'Generated from `src/machines/` by `npm run docs`: what a job does in every fault, on one page.',
    '',
    '## Polling of one job',
    '',
    '`src/machines/polling.ts`. In brackets: the guard that has to hold. `after …`: a timer of the state.',
    '',
    ...chart(pollingMachine.root),
    '',
    '## The circuit of one VMA',
    '',
    '`src/machines/circuit.ts`. While it is open every job of that VMA is held.',
    '',
    ...chart(circuitMachine.root),
    '',
    '## Lifecycle of a job',
    '',
    '`src/machines/lifecycle.ts`. `saw.X`: the VMA says that the job is X. What would lead back is ignored.',
    '',
    ...chart(lifecycleMachine.root),
    '',
  ].join('\n')
}

function chart(root: Node): string[] {
  const lines = ['```mermaid', 'stateDiagram-v2']
  const [first] = root.initial.target
  if (first !== undefined) lines.push(`  [*] --> ${first.key}`)
  for (const state of Object.values(root.states)) {
    const own = [...state.transitions.values(), ...root.transitions.values()].flat()
    const isOver = own.length === 0 || state.type === 'final'
    if (!isOver)
      for (const [to, labels] of byTarget(own, state.key)) lines.push(`  ${state.key} --> ${to}: ${labels.join(', ')}`)
    else lines.push(`  ${state.key} --> [*]`)
  }
  lines.push('```')
  return lines
}

function byTarget(transitions: readonly Transition[], from: string): Map<string, string[]> {
  const labels = new Map<string, string[]>()
  for (const { eventType, target, guard } of transitions) {
    const to = target?.[0]?.key ?? from
    const guarded = typeof guard === 'string' ? `${nameOf(eventType)} [${guard}]` : nameOf(eventType)
    labels.set(to, [...(labels.get(to) ?? []), guarded])
  }
  return labels
}

/** `xstate.after.untilDue.polling.waiting` is a timer. */
function nameOf(eventType: string): string {
  const [, timer] = /^xstate\.after\.(\w+)/.exec(eventType) ?? []
  return timer === undefined ? eventType : `after ${timer}`
}
