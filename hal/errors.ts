// The few kinds of failure a box can report. Drivers map every vendor error to one of them
// (embedded-hal's rule); the firmware maps a kind to a VP code in run/.

export type HalErrorKind =
  | 'closed' // used before open() or after close()
  | 'unsupported' // the capability table says the hardware cannot do it
  | 'refused' // unsafe now: ringing into an off-hook telephone, driving a faulty line
  | 'invalid' // an argument outside its documented range
  | 'in-use' // address, pin or device is taken by somebody else
  | 'missing' // address, pin or device does not exist
  | 'permission'
  | 'unreachable' // the other end refused (ICMP port unreachable) or there is no route
  | 'lost' // the link to the hardware went away; it may come back
  | 'io' // anything else

export class HalError extends Error {
  readonly kind: HalErrorKind
  constructor(kind: HalErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'HalError'
    this.kind = kind
  }
}

export const isHalError = (error: unknown): error is HalError => error instanceof HalError
