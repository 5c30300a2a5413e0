// What keeps a setting from being changed, in both languages of the console (printable ASCII). What the schema says of a value
// has one wording everywhere, and no French.

export interface Words {
  readonly en: string
  readonly fr: string
}

const said = (en: string, fr: string): Words => ({ en, fr })

/** The same in both. */
export const plain = (text: string): Words => said(text, text)

export const deskWords = {
  waits: said(
    'the last commit waits to be confirmed: confirm or rollback first',
    "le dernier commit attend confirmation : d'abord confirm ou rollback",
  ),
  nothingStaged: said(
    'nothing is to be committed: set KEY VALUE first',
    "rien a mettre en vigueur : d'abord set CLE VALEUR",
  ),
  nothingWaits: said('nothing waits to be confirmed', "rien n'attend de confirmation"),
  nothingToUndo: said('there is nothing to be undone', "il n'y a rien a annuler"),
  noStore: said(
    'settings cannot be stored; see show alarms',
    'les reglages ne peuvent etre enregistres ; voir show alarms',
  ),
  notErased: said(
    'the store is not open: nothing can be erased',
    "le fichier des reglages n'est pas ouvert : rien ne peut etre efface",
  ),
  filesLeft: (reason: string) =>
    said(`a file could not be erased: ${reason}`, `un fichier n'a pu etre efface : ${reason}`),
  noKey: (key: string) => said(`there is no setting "${key}"`, `pas de reglage "${key}"`),
  inFileOnly: (key: string) =>
    said(
      `${key} can be changed in the configuration file only`,
      `${key} ne se modifie que dans le fichier de configuration`,
    ),
  notSet: (key: string) =>
    said(
      `${key} has no value but that of the configuration file`,
      `${key} n'a pas d'autre valeur que celle du fichier de configuration`,
    ),
  holdsPassword: (key: string) =>
    said(
      `${key}: must hold no password; there are keys and files for those`,
      `${key} : sans mot de passe ; il y a des cles et des fichiers pour cela`,
    ),
  unfit: (keys: readonly string[]) =>
    said(
      `does not fit what else is set: ${keys.join(', ')}`,
      `incompatible avec les autres reglages : ${keys.join(', ')}`,
    ),
  noCommand: said('neither "set KEY VALUE" nor "no set KEY"', 'ni "set CLE VALEUR" ni "no set CLE"'),
  inLine: (line: number, { en, fr }: Words) => said(`line ${line}: ${en}`, `ligne ${line} : ${fr}`),
  afterRestart: (keys: readonly string[]) =>
    said(
      `to be confirmed before a restart, but counts after one only: ${keys.join(', ')}`,
      `a confirmer avant un redemarrage, mais ne compte qu'apres : ${keys.join(', ')}`,
    ),
  notStored: (reason: string) =>
    said(`it cannot be stored: ${reason}`, `impossible de l'enregistrer : ${reason}`),
  undoneUntilStart: (reason: string) =>
    said(
      `undone until the next start, which undoes it again: ${reason}`,
      `annule jusqu'au prochain demarrage, qui l'annulera encore : ${reason}`,
    ),
} as const
