/** Another commit of this repository in a folder of its own, with the packages of this one. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

function git(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args[0]}: ${error?.message ?? stderr.trim()}`)
  return stdout.trim()
}

/** The last release; before the first one, what bench/gate/base names. */
export function defaultBase(): string {
  try {
    return git('describe', '--tags', '--abbrev=0', '--match', 'v*')
  } catch {
    return readFileSync(join(ROOT, 'bench/gate/base'), 'utf8').trim()
  }
}

/** `folder` must not be there yet. Returns the commit's full name. */
export function checkOut(revision: string, folder: string): string {
  const commit = git('rev-parse', '--verify', `${revision}^{commit}`)
  mkdirSync(folder)
  const archive = `${folder}.tar`
  git('archive', '--format=tar', `--output=${archive}`, commit)
  const { status, stderr, error } = spawnSync('tar', ['-xf', archive, '-C', folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tar: ${error?.message ?? stderr}`)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return commit
}
