// Letters that a telephone's display has not, as the letters it has: a small table of the Latin letters that are no accented
// ones, Greek (after ELOT 743) and Cyrillic (after the passports of ICAO Doc 9303, with y for й, ы and before vowels).
// Lower case only; accents are taken off by whoever looks here.

const latin = 'ßss æae œoe øo đd ðd þth łl ħh ıi ŋng ŧt ĸk ƒf əe ɛe ɔo ɖd ȷj ŀl ǝe ơo ưu'
/** Of African and other alphabets written in Latin letters. */
const extended =
  'ƀb ɓb ƃb ƈc ȼc ɗd ƌd ɇe ɠg ǥg ɣg ɨi ɩi ɉj ƙk ƚl ɲn ƞn ƣoi ȣou ƥp ɋq ɍr ƨs ƭt ʈt ⱦt ʊu ʋv ƿw ɏy ƴy ƶz ȥz ʒzh ǯzh ⱥa'
const greek = 'αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo'
const russian =
  'аa бb вv гg дd еe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya'
const cyrillic =
  'іi їyi єye ґg ўu ѓgj ќkj ђdj јj љlj њnj ћc џdz ѕdz ѐe ѝi ѣe ѳf ѵi әa ғg қk ңn өo ұu үu һh җzh ҙz ҡk ӄk ҥng ӈn ҫs ҭt ҳkh ҷj ҹj ӕae ӡdz ӷg'
/** Signs, whatever their case. */
const signs =
  "’' ‘' ‚' ‛' ʼ' ʻ' ′' “\" ”\" „\" ″\" «\" »\" ‹' ›' –- —- ‐- ‑- ‒- ―- −- ·. •- …... €EUR £GBP ¥JPY ©(c) ®(r) ×x ÷/ №No ¿? ¡! ⁄/"

const entries = (table: string): readonly (readonly [string, string])[] =>
  table.split(' ').map(entry => {
    const [letter = '', ...shown] = [...entry]
    return [letter, shown.join('')]
  })

const letters: ReadonlyMap<string, string> = new Map(
  [latin, extended, greek, russian, cyrillic].flatMap(table => entries(table)),
)
const symbols: ReadonlyMap<string, string> = new Map(entries(signs))

/** What stands for one lower-case letter, '' for a silent one; undefined: not in the table. */
export const shownForLetter = (letter: string): string | undefined => letters.get(letter)

/** What stands for a sign that is no letter; undefined: not in the table. */
export const shownForSign = (sign: string): string | undefined => symbols.get(sign)
