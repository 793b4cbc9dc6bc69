/** Reads the settings files and the files that settings name; what is in them is load.ts's business. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReadText } from './kinds.ts'
import type { SettingsFile } from './sources.ts'

/** The folder of package.json: from config/ of a checkout as from dist/config/ of the package. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error('no package.json above the settings: the package is incomplete')
    folder = dirname(folder)
  }
  return folder
}

/**
 * config/default.json of the package (it may be missing), then the file that the person named (it may not), relative
 * to the working folder. A file that cannot be read comes back as a fault to tell with the others.
 */
export function readSettingsFiles(named: string | undefined): readonly SettingsFile[] {
  const shipped = join(packageRoot(), 'config', 'default.json')
  const files = existsSync(shipped) ? [read(shipped)] : []
  return named === undefined || named === '' ? files : [...files, read(resolve(named))]
}

function read(path: string): SettingsFile {
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    return { path, problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'this user may not read',
  EPERM: 'this user may not read',
}

/** Reads a file that a setting names, relative to the working folder. */
export const readNamed: ReadText = (path) => {
  try {
    return { text: readFileSync(resolve(path), 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { problem: WHY_NOT[code] ?? `cannot be read (${code})` }
  }
}
