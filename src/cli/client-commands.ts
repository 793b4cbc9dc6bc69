/** The commands that ask a running OMA, from anywhere (CLI-3), as entries of the table of commands. They use the typed client alone. */

import { JOB_STATUSES } from '../model/words.ts'
import { VERDICTS } from '../model/verdict.ts'
import type { CommandEntry, CommandOption } from './commands.ts'

const CONNECTION: readonly CommandOption[] = [
  { flags: '--oma <url>', summary: 'the OMA (OMA_URL; default http://127.0.0.1:8082)' },
  { flags: '--token <token>', summary: 'its bearer token (OMA_TOKEN); other users of this machine can read flags' },
  { flags: '--token-file <file>', summary: 'a file that holds the token' },
]
const JSON_FLAG = { flags: '--json', summary: 'JSON, for programs' }

const EXIT_CODES = `Exit codes: 0 done, 1 failed, 2 the OMA can't be reached or does not know it,
64 the command line means nothing, 77 the token is refused.`

export const CLIENT_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'watch',
    summary: 'follow all jobs, those of one VM, or one job, live',
    settings: false,
    load: () => import('./remote/watch.ts'),
    argument: '[name]',
    values: 'names',
    options: [
      ...CONNECTION,
      { flags: '--plain', summary: 'lines instead of a live view; so too when the output is no terminal' },
      { flags: '--json', summary: 'one JSON object a line for each change' },
      { flags: '--until-idle', summary: 'end when no job is left running' },
      { flags: '--timeout <duration>', summary: 'give up after so long without the OMA or the job (default 1m)' },
    ],
    epilogue: `Of one job or VM it waits for the end. Exit codes: 0 completed, 1 failed or cancelled,
2 lost (no contact, unknown, or the OMA can't be reached for --timeout), 64 the
command line means nothing, 77 the token is refused, 130 ended by Ctrl-C before that.
Of all jobs it runs until Ctrl-C (0), with --until-idle 1 when one of them failed.`,
  },
  {
    name: 'jobs',
    summary: 'list the live jobs of an OMA',
    settings: false,
    load: () => import('./remote/jobs.ts'),
    options: [
      ...CONNECTION,
      JSON_FLAG,
      { flags: '--status <list>', summary: `only these: ${JOB_STATUSES.join(', ')}`, words: JOB_STATUSES },
      { flags: '--verdict <list>', summary: `only these: ${VERDICTS.join(', ')}`, words: VERDICTS },
    ],
    epilogue: EXIT_CODES,
  },
  {
    name: 'job',
    summary: 'tell one job in full: what it does, since when, and why',
    settings: false,
    load: () => import('./remote/job.ts'),
    argument: '<id>',
    values: 'jobs',
    options: [
      ...CONNECTION,
      JSON_FLAG,
      { flags: '--log <lines>', summary: 'lines of its log (default 10); 0 to 1000' },
    ],
    epilogue: EXIT_CODES,
  },
  {
    name: 'start-polling',
    summary: 'have a job polled at once; ends a stop-polling',
    settings: false,
    load: () => import('./remote/start-polling.ts'),
    argument: '<id>',
    values: 'jobs',
    options: CONNECTION,
    epilogue: EXIT_CODES,
  },
  {
    name: 'stop-polling',
    summary: 'leave a job alone until start-polling or a restart',
    settings: false,
    load: () => import('./remote/stop-polling.ts'),
    argument: '<id>',
    values: 'jobs',
    options: CONNECTION,
    epilogue: EXIT_CODES,
  },
  {
    name: 'completion',
    summary: 'print the completion script of a shell',
    settings: false,
    load: () => import('./completion/completion.ts'),
    argument: '<shell>',
    values: ['bash', 'zsh', 'fish'],
    epilogue: `bash: eval "$(sightline completion bash)"        in ~/.bashrc
zsh:  source <(sightline completion zsh)         in ~/.zshrc, after compinit
fish: sightline completion fish | source         in ~/.config/fish/config.fish
Jobs and VMs are asked of the OMA that OMA_URL and OMA_TOKEN name.`,
  },
  {
    name: '__names',
    summary: 'names of jobs and VMs, for completion',
    settings: false,
    hidden: true,
    load: () => import('./remote/names.ts'),
    argument: '[jobs]',
    options: CONNECTION,
  },
]
