// Names as a telephone shows them: accents, other alphabets, signs, and where a long one ends.

import t from 'tap'
import { shownName } from '../../../firmware/media/display/character-set.js'

// All at once: some of these characters would break the lines of a test's report.
const names = (t: import('tap').Test, expected: Readonly<Record<string, string>>) =>
  t.same(
    Object.keys(expected).map(name => shownName(name, 50)),
    Object.values(expected),
  )

t.test('accents go, letters of other alphabets become Latin ones', async t => {
  names(t, {
    'Élodie Lefèvre-Ñandú': 'Elodie Lefevre-Nandu',
    'E\u0301lodie': 'Elodie',
    'Œuvres de l’Hôpital Saint‑Louis': "Oeuvres de l'Hopital Saint-Louis",
    'CŒUR ÆGIR Ægir': 'COEUR AEGIR Aegir',
    'Groß, GROẞ, Łódź, Þór, Đorđe, Işık': 'Gross, GROSS, Lodz, Thor, Dorde, Isik',
    'ŽELEZNÝ Ångström İzmir': 'ZELEZNY Angstrom Izmir',
    'Nguyễn Văn Ước': 'Nguyen Van Uoc',
    'Ɗanjuma Ƴar Mƃɛ Ɣana': 'Danjuma Yar Mbe Gana',
    'Салауат Ҡаҙҡан Әҡмәт': 'Salauat Kazkan Akmat',
    'Γιώργος Παπαδόπουλος': 'Giorgos Papadopoulos',
    'Ουρανία ΨΥΧΗ Θεός': 'Ourania PSYCHI Theos',
    'Борис Щукин': 'Boris Shchukin',
    'ЩУКИН Юлия Объёмов': 'SHCHUKIN Yuliya Obemov',
    'Андрій Їжак Љубица Ћосић': 'Andriy Yizhak Ljubitsa Cosic',
    'Ｆｕｌｌ　ｗｉｄｔｈ ﬁn ½ №7': 'Full width fin 1/2 No7',
    '« Café » – 5 €…': '" Cafe " - 5 EUR...',
  })
})

t.test('no letter of the living European alphabets is lost', async t => {
  const ranges = [
    ['Latin', 0xc0, 0x17f],
    ['Latin', 0x1e00, 0x1eff],
    ['Greek', 0x386, 0x3ce],
    ['Cyrillic', 0x400, 0x45f],
  ] as const
  /** Signs of hardness and softness have no sound; forms of long s, and Middle Welsh. */
  const silent = 'ЪЬъьẜẝẟỺỻỼỽỾỿ'
  for (const [script, from, to] of ranges) {
    const letter = new RegExp(`^(?=\\p{Letter})\\p{Script=${script}}$`, 'u')
    const all = Array.from({ length: to - from + 1 }, (_, n) => String.fromCodePoint(from + n))
    const lost = all.filter(one => letter.test(one) && !/[A-Za-z]/.test(shownName(one, 50)))
    t.same(
      lost.filter(one => !silent.includes(one)),
      [],
      `${script} from ${from}`,
    )
  }
})

t.test('what cannot be shown is left out; nothing left is no name', async t => {
  names(t, {
    '': '',
    ' \t ': '',
    山田太郎: '',
    شركة: '',
    '山田 Taro ☎': 'Taro',
    '\u200e\u202bPaul\u202c': 'Paul',
    '- ! -': '',
    '“”': '',
    '7': '7',
  })
})

t.test('line ends, tabs and control characters are one space', async t => {
  names(t, {
    'Paul\r\n\tDurand': 'Paul Durand',
    '\r\nPaul\u0000': 'Paul',
    'a\u2028b\u00a0c\ufeffd': 'a b c d',
  })
})

t.test('a long name ends with a whole letter and without a space', async t => {
  t.equal(shownName('x'.repeat(51), 50), 'x'.repeat(50))
  t.equal(shownName(`${'x'.repeat(49)} y`, 50), 'x'.repeat(49))
  t.equal(shownName(`${'x'.repeat(48)}щука`, 50), 'x'.repeat(48), 'shch is one letter')
  t.equal(shownName(`${'x'.repeat(46)}щука`, 50), `${'x'.repeat(46)}shch`)
  t.equal(shownName('😀'.repeat(5000), 50), '')
})
