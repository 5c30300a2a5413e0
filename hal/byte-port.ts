// A stream of bytes in both directions: a serial port, a local socket, a TCP connection. Text consoles,
// the bench channel and framed chip protocols all run on one of these.

export interface BytePort {
  /** For logs: "/dev/ttyS1", "unix:/run/x.sock". */
  readonly name: string
  /** Queues bytes. False means the far end is slow: stop until onDrain. */
  write(bytes: Uint8Array): boolean
  close(): Promise<void>
}

export interface BytePortSink {
  onBytes(bytes: Uint8Array): void
  onDrain(): void
  /** The far end closed, or the device was unplugged. */
  onClose(): void
}
