// The forms of "Mes services": what was filled in, what it changes, and what is wrong with it, in the subscriber's words.

import type { Profile } from '../profiles.js'
import { type ProfileError, type ProfileFault, type ProfilePatch, resetPatch } from '../profiles.js'

export const rubrics = ['mail', 'messagerie', 'sonneries', 'transfert', 'initial'] as const
export type Rubric = (typeof rubrics)[number]

/** Values of one form as they came; a checkbox that is not ticked does not come. */
export type Filled = ReadonlyMap<string, string>

export type Faults = Readonly<Record<string, string>>

export type Reading =
  | { readonly ok: true; readonly patch: ProfilePatch }
  /** By name of the field. */
  | { readonly ok: false; readonly faults: Faults }

/** A forward of the portal: names of its checkbox and its number field, and the profile's field. */
export const transfers = [
  { name: 'permanent', field: 'forwardAlways' },
  { name: 'non-reponse', field: 'forwardNoReply' },
  { name: 'occupation', field: 'forwardBusy' },
] as const

const wrong: Readonly<Record<ProfileFault, string>> = {
  'no-subscriber': 'Cette ligne est inconnue.',
  'not-a-number': "Ce numéro n'est pas valable. Exemple\u00a0: 0612345678.",
  'own-number': 'Vous ne pouvez pas transférer vos appels vers votre propre numéro.',
  'emergency-number': "Vous ne pouvez pas transférer vos appels vers un numéro d'urgence.",
  'ring-seconds': 'Choisissez une durée entre 20 et 60 secondes, par pas de 5.',
  'mail-address': "Cette adresse e-mail n'est pas valable. Exemple\u00a0: caroline.alain@exemple.fr.",
  'both-unconditional': 'Choisissez soit le transfert permanent, soit le renvoi sur la messagerie.',
  'changed-meanwhile': "Vos services viennent d'être modifiés ailleurs. Rechargez la page.",
}

/** Visual separators that people write, taken out. */
const plainNumber = (text: string): string => text.replace(/[\s.\-()\u00a0\u202f]/g, '')

const readTransfers = (filled: Filled, profile: Profile): Reading => {
  const patch: Record<string, string | undefined> = {}
  const faults: Record<string, string> = {}
  for (const { name, field } of transfers) {
    const number = plainNumber(filled.get(`${name}-numero`) ?? '')
    const ticked = filled.has(name)
    const field_ = `${name}-numero`
    if (ticked && number === '') faults[field_] = 'Saisissez le numéro vers lequel transférer vos appels.'
    else if (!ticked && number !== '' && number !== profile[field])
      faults[field_] = 'Cochez la case pour activer ce transfert, ou effacez le numéro.'
    else patch[field] = ticked ? number : undefined
  }
  return Object.keys(faults).length > 0 ? { ok: false, faults } : { ok: true, patch: changed(patch, profile) }
}

/** Without what stays as it is: an unchanged forward must not count as set last. */
const changed = (patch: Record<string, string | undefined>, profile: Profile): ProfilePatch =>
  Object.fromEntries(
    Object.entries(patch).filter(([field, value]) => profile[field as keyof Profile] !== value),
  )

/** What a form of `rubric` changes in `profile`. Rules that hold for star codes too are checked by the profile itself. */
export const readForm = (rubric: Rubric, filled: Filled, profile: Profile): Reading => {
  switch (rubric) {
    case 'mail': {
      const address = (filled.get('adresse') ?? '').trim()
      // Empty: the default address again.
      return {
        ok: true,
        patch: { mailAddress: address === '' ? undefined : address, mailMessages: filled.has('par-mail') },
      }
    }
    case 'messagerie':
      return { ok: true, patch: { voicemailAlways: filled.has('renvoi') } }
    case 'sonneries': {
      const seconds = filled.get('secondes') ?? ''
      return { ok: true, patch: { ringSeconds: /^\d{1,3}$/.test(seconds) ? Number(seconds) : Number.NaN } }
    }
    case 'transfert':
      return readTransfers(filled, profile)
    case 'initial':
      return { ok: true, patch: resetPatch }
  }
}

const formField = (field: keyof Profile | undefined): string => {
  const transfer = transfers.find(other => other.field === field)
  if (transfer !== undefined) return `${transfer.name}-numero`
  return field === 'ringSeconds' ? 'secondes' : field === 'mailAddress' ? 'adresse' : 'formulaire'
}

/** What the profile refused, at the field it belongs to. */
export const faultsOf = (error: ProfileError): Faults => ({ [formField(error.field)]: wrong[error.fault] })
