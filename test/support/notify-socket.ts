/**
 * What systemd would hear of a service: a real datagram socket of the unix kind, read by perl (in every Debian), because Node has
 * none. Where the machine has no systemd, perl also stands in for `systemd-notify`.
 */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { until } from './service.ts'

const RECEIVE = `use strict; use Socket; $| = 1;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($s, pack_sockaddr_un($ARGV[0])) or die $!;
print "bound\\n";
while (defined recv($s, my $text, 4096, 0)) { $text =~ s/\\n/ /g; print "$text\\n" }`

const SEND = `#!/usr/bin/perl
use strict; use Socket;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die $!;
connect($s, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die "Failed to notify init system: $!\\n";
send($s, join("\\n", @ARGV), 0) or die $!;
`

export interface NotifySocket {
  /** For the service that is to be heard. */
  readonly env: Readonly<Record<string, string>>
  /** One message each, its lines parted by spaces. */
  readonly heard: readonly string[]
  waitFor(what: string, holds: (heard: readonly string[]) => boolean): Promise<void>
}

/** The socket lies in `folder`, which is the caller's to remove. */
export async function notifySocket(t: Test, folder: string): Promise<NotifySocket> {
  const socket = join(folder, 'notify')
  const child = spawn('perl', ['-e', RECEIVE, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill()
    await exited
  })
  const heard: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== 'BARRIER=1') heard.push(line)
  })
  const waitFor: NotifySocket['waitFor'] = async (what, holds) => {
    await until(what, async () => (holds(heard) ? true : undefined), 30_000)
  }
  await waitFor('the socket is bound', () => heard[0] === 'bound')
  heard.length = 0
  return { env: { NOTIFY_SOCKET: socket, PATH: pathWithNotify(t, folder) }, heard, waitFor }
}

function pathWithNotify(t: Test, folder: string): string {
  const path = process.env['PATH'] ?? ''
  const { stdout } = spawnSync('systemd-notify', ['--version'], { encoding: 'utf8' })
  if (typeof stdout === 'string' && stdout !== '') {
    t.comment(`messages are sent by systemd's own systemd-notify: ${stdout.split('\n')[0]}`)
    return path
  }
  t.comment('this machine has no systemd-notify: perl sends the messages in its place')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'systemd-notify'), SEND, { mode: 0o755 })
  return `${bin}:${path}`
}
