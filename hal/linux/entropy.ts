// Randomness of the kernel, through OpenSSL's generator.

import { randomBytes } from 'node:crypto'
import type { Entropy } from '../entropy.js'

export class LinuxEntropy implements Entropy {
  uint32(): number {
    return randomBytes(4).readUInt32LE()
  }

  hex(bytes: number): string {
    return randomBytes(bytes).toString('hex')
  }
}
