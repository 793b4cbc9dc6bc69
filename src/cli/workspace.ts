/** The demo's folder: a fresh one that goes at the end, or one that the person wants to keep. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Workspace {
  readonly folder: string
  readonly kept: boolean
  /** Removes what is ours to remove; nothing when it is kept. */
  close(): void
}

export function openWorkspace(keep: string | undefined): Workspace {
  if (keep !== undefined) {
    const folder = resolve(keep)
    mkdirSync(folder, { recursive: true })
    return { folder, kept: true, close: () => undefined }
  }
  const folder = mkdtempSync(join(tmpdir(), 'sightline-demo-'))
  return { folder, kept: false, close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) }
}
