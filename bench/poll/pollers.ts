/** The pollers that benches put side by side, each in a process of its own. */

import { until } from '../../test/support/service.ts'
import { Child } from '../support/child.ts'
import type { PollerQuestion } from './oma-process.ts'

const FILES = { sightline: './oma-process.ts', naive: './naive-process.ts' } as const
export type PollerName = keyof typeof FILES

const FOLLOWED_MS = 300_000

export interface Poller {
  readonly child: Child
  readonly ask: <T>(question: PollerQuestion) => Promise<T>
}

export function startPoller(name: PollerName): Poller {
  const child = Child.start(new URL(FILES[name], import.meta.url))
  return { child, ask: (question) => child.ask(question) }
}

/** Those of a list with commas that there are. */
export function pollersIn(list: string): readonly PollerName[] {
  return list.split(',').filter((name): name is PollerName => name in FILES)
}

/** Asking how far it is is work of its main thread too: `everyMs` says how often. */
export async function untilFollowed({ ask }: Pick<Poller, 'ask'>, jobs: number, everyMs = 100): Promise<void> {
  const isAll = async (): Promise<true | undefined> =>
    (await ask<number>({ ask: 'active' })) >= jobs ? true : undefined
  await until('all jobs are followed', isAll, FOLLOWED_MS, everyMs)
}

export const afterSeconds = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
