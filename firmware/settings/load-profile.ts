// A profile file, laid over the profile it extends, and checked.

import { withEmergencyCopy } from './emergency-copy.js'
import { keyText, problem } from './problem.js'
import { type Profile, profileSchema } from './profile-schema.js'
import { overlay, type Path, type Read, readToml, type TomlDocument } from './toml-document.js'
import { validate } from './validate.js'

/** Finds the file of a profile named in `extends`; undefined when there is none of that name. */
export type FindProfile = (name: string, from: string) => string | undefined

const deepest = 8

export const loadProfile = (file: string, find: FindProfile): Read<Profile> => {
  const document = readWithBases(file, find, [])
  if (!document.ok) return document
  const read = validate(document.value, profileSchema())
  if (!read.ok) return read
  const { country, emergency } = read.value
  return { ok: true, value: { ...read.value, emergency: [...withEmergencyCopy(country, emergency)] } }
}

// Half a tone or cadence of one country and half of another would be neither.
const isWhole = (path: Path): boolean => (path[0] === 'tones' && path.length === 2) || path[0] === 'cid'

const readWithBases = (file: string, find: FindProfile, chain: readonly string[]): Read<TomlDocument> => {
  const read = readToml(file)
  if (!read.ok) return read
  const { extends: base, ...rest } = read.value.value
  if (base === undefined) return read
  const top: TomlDocument = { value: rest, origin: path => read.value.origin(path) }
  const at = read.value.origin(['extends'])
  if (typeof base !== 'string') {
    const message = `${keyText(['extends'])} must be the name of a profile or a path to a profile file`
    return { ok: false, problems: [problem('VP-1003', at, 'extends', message)] }
  }
  const baseFile = find(base, file)
  if (baseFile === undefined)
    return { ok: false, problems: [problem('VP-1008', at, 'extends', `there is no profile "${base}"`)] }
  if (baseFile === file || chain.includes(baseFile) || chain.length >= deepest)
    return {
      ok: false,
      problems: [problem('VP-1009', at, 'extends', `extends "${base}" comes back to itself`)],
    }
  const below = readWithBases(baseFile, find, [...chain, file])
  return below.ok ? { ok: true, value: overlay(below.value, top, isWhole) } : below
}
