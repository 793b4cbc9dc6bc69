/** Gives an order about one job, and tells what came of it. */

import type { OrderAnswer, Rest } from '../../client/index.ts'
import type { ClientCommandOptions } from '../commands.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../text.ts'
import { asking } from './command.ts'
import { NoOma } from './faults.ts'

export async function order(
  options: ClientCommandOptions,
  give: (rest: Rest, id: string) => Promise<OrderAnswer>,
): Promise<number> {
  const [id = ''] = options.args
  return await asking(options, [], async ({ rest }) => {
    const { message } = await give(rest, id)
    if (typeof message !== 'string') throw new NoOma()
    process.stdout.write(`${printable(id)}: ${printable(message)}\n`)
    return EXIT.ok
  })
}
