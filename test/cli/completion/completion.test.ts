/** The shells' scripts, made of the table of commands; bash's is run. */

import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { bashScript } from '../../../src/cli/completion/bash.ts'
import { fishScript } from '../../../src/cli/completion/fish.ts'
import { commandWords } from '../../../src/cli/completion/words.ts'
import { zshScript } from '../../../src/cli/completion/zsh.ts'

const words = commandWords(COMMANDS)

/** What bash offers at the end of a line; the OMA knows two names. */
function offered(t: Test, ...line: readonly string[]): readonly string[] {
  const folder = t.testdir({ 'token.txt': '' })
  const sightline = join(folder, 'sightline')
  writeFileSync(sightline, '#!/bin/sh\nprintf "job-1\\njob-22\\n"\n[ "$2" = jobs ] || echo pgtest1\n')
  chmodSync(sightline, 0o755)
  const script = `${bashScript(words)}
COMP_WORDS=(sightline "$@"); COMP_CWORD=$#; _sightline; printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
  const text = execFileSync('bash', ['-c', script, 'bash', ...line], { encoding: 'utf8', env, cwd: folder })
  return text.split('\n').filter((word) => word !== '')
}

t.test('[CLI-5] bash: commands, flags, words, files, and the names that the OMA knows', async (t) => {
  t.same(offered(t, 'st'), ['start-polling', 'stop-polling'])
  t.ok(offered(t, '').includes('watch') && !offered(t, '').includes('__names'))
  t.same(offered(t, 'watch', 'job-2'), ['job-22'])
  t.same(offered(t, 'watch', ''), ['job-1', 'job-22', 'pgtest1'])
  t.same(offered(t, 'job', ''), ['job-1', 'job-22'])
  t.same(offered(t, 'watch', '--un'), ['--until-idle'])
  t.same(offered(t, 'jobs', '--verdict', 'st'), ['stalled'])
  t.same(offered(t, 'jobs', '--token-file', 'tok'), ['token.txt'])
  t.same(offered(t, 'jobs', '--token', ''), [])
  t.same(offered(t, 'completion', 'b'), ['bash'])
  t.same(offered(t, 'oma', '--poll-int'), ['--poll-interval'])
  t.same(offered(t, 'unknown', ''), [])
})

t.test('[CLI-5] every command and flag stands in every script', async (t) => {
  const [zsh, fish] = [zshScript(words), fishScript(words)]
  for (const { name, flags } of words) {
    t.ok(zsh.includes(`    ${name})`) && fish.includes(` -a ${name} `), name)
    for (const flag of flags) {
      if (!zsh.includes(`'${flag.name}[`)) t.fail(`zsh lacks ${flag.name}`)
      if (!fish.includes(` -l ${flag.name.slice(2)} `)) t.fail(`fish lacks ${flag.name}`)
    }
  }
  t.equal((zsh.replaceAll(`'\\''`, '').match(/'/g) ?? []).length % 2, 0, 'quotes come in pairs')
})
