/** `sightline stop-polling <id>` (API-4). */

import type { ClientCommandOptions } from '../commands.ts'
import { order } from './order.ts'

export async function run(options: ClientCommandOptions): Promise<number> {
  return await order(options, (rest, id) => rest.stopPolling(id))
}
