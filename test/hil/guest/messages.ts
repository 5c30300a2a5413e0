// What host and guest of the virtual machine say to each other, one JSON object a line, on a virtio serial port: programs are
// started in the guest, their output comes back.

export type ToGuest =
  | {
      readonly do: 'start'
      readonly id: number
      readonly program: string
      readonly args: readonly string[]
      /** Added to the guest's environment. */
      readonly env: Readonly<Record<string, string>>
    }
  | {
      readonly do: 'signal'
      readonly id: number
      readonly signal: 'SIGTERM' | 'SIGKILL' | 'SIGHUP' | 'SIGUSR2'
    }
  | { readonly do: 'power-off' }

export type FromGuest =
  | { readonly told: 'ready' }
  | { readonly told: 'output'; readonly id: number; readonly text: string }
  /** `code`: null when a signal ended it; 127 when it could not be started. */
  | { readonly told: 'ended'; readonly id: number; readonly code: number | null }

/** The name of the port: /sys/class/virtio-ports/N/name. */
export const runnerPort = 'voiceport.runner'

/** Takes pieces of text and hands on whole lines. */
export const lineTaker = (onLine: (line: string) => void): ((text: string) => void) => {
  let rest = ''
  return text => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() as string
    for (const line of lines) if (line !== '') onLine(line)
  }
}
