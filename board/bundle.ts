// The bundle: the daemon as one file, which loads in a third of the time that its several hundred compiled files take.
// scripts/bundle makes it after the compiler. Where code is compiled it counts only while no file that went into it has
// changed since; beside it may lie what V8 made of it (node:vm, cachedData), which a V8 of another version or with other
// flags does not take.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import type { DaemonBundle } from './daemon-bundle.js'

/** dist/, seen from this file there. */
const compiled = fileURLToPath(new URL('..', import.meta.url))

export const bundleFiles = {
  folder: 'bundle',
  daemon: 'bundle/daemon.js',
  /** Beside the daemon, where board/media-link.ts looks for it. */
  mediaWorker: 'bundle/media-worker.js',
  codeCache: 'bundle/daemon.cache',
  manifest: 'bundle/manifest.json',
} as const

/** What a bundle was made of. */
export interface BundleManifest {
  /** When the making began, wall time, ms. */
  readonly begun: number
  /** Files that went into it, relative to dist/. */
  readonly inputs: readonly string[]
}

export interface OpenBundle {
  readonly exports: DaemonBundle
  /** As V8 holds it, for its code cache. */
  readonly script: Script
  /** V8 took the code cache. */
  readonly cached: boolean
}

/** A missing bundle, or one that a compiled file or package is newer than, is undefined. `from` is a dist/ folder. */
export const openBundle = (from = compiled): OpenBundle | undefined => {
  if (!isBundleCurrent(from)) return undefined
  const file = join(from, bundleFiles.daemon)
  const cachedData = bytesOf(join(from, bundleFiles.codeCache))
  // The bundler writes plain ASCII: no need to decode, and one byte a character.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData && { cachedData }),
  })
  const module = { exports: {} as DaemonBundle }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  return {
    exports: module.exports,
    script,
    cached: cachedData !== undefined && !script.cachedDataRejected,
  }
}

/** The bundle of this dist/ folder is there and made from its files as they are now. */
export const isBundleCurrent = (from = compiled): boolean => {
  const manifest = bytesOf(join(from, bundleFiles.manifest))
  if (manifest === undefined) return false
  // In an installed package nothing is compiled, and times of files say nothing.
  if (!existsSync(join(from, 'board/tsconfig.tsbuildinfo'))) return true
  const { begun, inputs } = JSON.parse(manifest.toString()) as BundleManifest
  const packages = join(from, '../node_modules/.package-lock.json')
  return isOlder(packages, begun, true) && inputs.every(input => isOlder(join(from, input), begun, false))
}

const isOlder = (file: string, thanMs: number, whenMissing: boolean): boolean => {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? whenMissing : found.mtimeMs < thanMs
}

const bytesOf = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
