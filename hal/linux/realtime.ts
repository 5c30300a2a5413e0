// Real-time scheduling (sched(7), SCHED_FIFO) for the calling thread alone. Node has no call for it, chrt(1) of util-linux
// or busybox does; the thread finds its own number in /proc/thread-self. Never for a whole process: the event loop of the
// main thread would then starve the very thread that needs to be in time.

import { execFile } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

export type RealtimeAnswer =
  | { readonly granted: true; readonly priority: number; readonly thread: number }
  | { readonly granted: false; readonly reason: string }

/** The kernel's number of the calling thread; throws where there is no /proc. */
export const threadNumber = (): number => Number(readlinkSync('/proc/thread-self').split('/').at(-1))

/** `priority` 1-99. Never rejects: without the right (CAP_SYS_NICE) or the tool the thread goes on as it was. */
export const askRealtime = (priority: number): Promise<RealtimeAnswer> =>
  new Promise(resolve => {
    try {
      const thread = threadNumber()
      // -R: what this thread may start later runs with ordinary scheduling again.
      execFile('chrt', ['-R', '-f', '-p', String(priority), String(thread)], (error, _out, complaint) => {
        if (error === null) resolve({ granted: true, priority, thread })
        else resolve({ granted: false, reason: complaint.trim().split('\n')[0] || error.message })
      })
    } catch (error) {
      resolve({ granted: false, reason: error instanceof Error ? error.message : String(error) })
    }
  })

/**
 * From now on V8 collects the young objects of every thread of this process on that thread alone. Otherwise it shares the
 * work with helper threads of ordinary priority and waits for them: a real-time thread then stands still for as long as a
 * busy machine lets them wait (seen: 10-20 ms instead of 0.3). Other parallel work of the collector cannot be turned off
 * while a process runs.
 */
export const collectAlone = (): void => setFlagsFromString('--no-parallel-scavenge')
