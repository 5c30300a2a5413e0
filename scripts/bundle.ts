// ./scripts/bundle: makes one file of the daemon and one of its audio half out of what the compiler wrote (esbuild), and
// lets a daemon start once, so that V8's compiled form of what a start needs lies beside it (scripts/code-cache.ts).

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { createTemporaryBox } from '../board/bench/temporary-box.js'
import { type BundleManifest, bundleFiles, isBundleCurrent } from '../board/bundle.js'

const compiled = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const folder = join(compiled, bundleFiles.folder)
const unfinished = `${folder}.unfinished`

/** Packages with compiled code of their own find it beside their files. */
const external = ['koffi', 'onoff', 'serialport', 'sqlite3']

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  charset: 'ascii',
  external,
  // Names stay: they are what a person reads in a stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  define: { 'import.meta.url': 'moduleUrl' },
  // A script has no loader for import(); packages that stay outside have CommonJS forms.
  supported: { 'dynamic-import': false },
  metafile: true,
}
const moduleUrl = 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;'

const makeFile = async (entry: string, file: string, wrapped: boolean): Promise<readonly string[]> => {
  const { metafile } = await build({
    ...common,
    entryPoints: [join(compiled, entry)],
    outfile: join(unfinished, relative(bundleFiles.folder, file)),
    banner: {
      js: wrapped ? `(function (exports, require, module, __filename, __dirname) {${moduleUrl}` : moduleUrl,
    },
    footer: { js: wrapped ? '})' : '' },
  })
  return Object.keys(metafile?.inputs ?? {})
}

const makeBundle = async (): Promise<void> => {
  const begun = Date.now()
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished)
  const inputs = [
    ...(await makeFile('board/daemon-bundle.js', bundleFiles.daemon, true)),
    ...(await makeFile('board/media-worker.js', bundleFiles.mediaWorker, false)),
  ]
  const own = inputs.map(input => relative(compiled, input)).filter(input => !input.startsWith('..'))
  const manifest: BundleManifest = { begun, inputs: [...new Set(own)].sort() }
  writeFileSync(join(unfinished, 'package.json'), '{ "type": "commonjs" }\n')
  writeFileSync(
    join(unfinished, relative(bundleFiles.folder, bundleFiles.manifest)),
    JSON.stringify(manifest),
  )
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
}

/** Without a code cache the daemon starts all the same, only slower: no reason to fail a build. */
const warmUp = async (): Promise<void> => {
  const program = fileURLToPath(new URL('code-cache.js', import.meta.url))
  const box = await createTemporaryBox()
  try {
    execFileSync(process.execPath, [program, compiled, box.config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 60_000,
    })
  } catch (error) {
    console.error(`voiceport: the bundle has no code cache: ${(error as Error).message.trim()}`)
  } finally {
    await box.remove()
  }
}

if (!isBundleCurrent(compiled)) await makeBundle()
if (!existsSync(join(compiled, bundleFiles.codeCache))) await warmUp()
