// What a reading of the network's settings means for a line, as a table without side effects.

import type { SimservsRecord } from '../settings/store.js'

export interface Reading {
  readonly owner: 'box' | 'both'
  /** As stored in the box. */
  readonly masking: boolean
  /** What the network said the last time it was read or written; null: never. */
  readonly known: SimservsRecord | null
  /** What it says now. */
  readonly restricted: boolean
}

/** Whether the number is withheld from now on. */
export const afterReading = ({ owner, masking, known, restricted }: Reading): boolean => {
  // Changed by the subscriber at this telephone while the network could not be told: his word is the later one.
  if (known?.owed) return masking
  // The first meeting is no change by anybody: whoever withholds it is obeyed.
  if (known === null) return owner === 'both' ? masking || restricted : masking
  if (known.restricted === restricted) return owner === 'both' ? masking || restricted : masking
  // Changed over there: it counts, but where the box owns it only the reset does.
  return owner === 'both' || !restricted ? restricted : masking
}
