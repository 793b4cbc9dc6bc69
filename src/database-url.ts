/** The settings' database as the URL that src/db opens. It holds the password: never shown. */

import type { DatabaseTarget } from '../config/endpoints.ts'

export function databaseUrl(target: DatabaseTarget): string {
  if (target.dialect === 'sqlite') return `sqlite:${target.file}`
  const [user, password, name] = [target.user, target.password, target.database].map(encodeURIComponent)
  return `mysql://${user}:${password}@${target.host}:${target.port}/${name}`
}
