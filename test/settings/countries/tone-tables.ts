// What three published tables say of the tones of a country. Facts, each under the name of its source:
//   asterisk  configs/samples/indications.conf.sample of Asterisk (github.com/asterisk/asterisk)
//   dahdi     zonedata.c of dahdi-tools (github.com/asterisk/dahdi-tools), from ITU-T E.180 Supplement 2
//   spandsp   spandsp/global-tones.xml (in github.com/signalwire/freeswitch), from ITU-T E.180 Supplement 2
// Written as Asterisk writes tones: Hz, "+" between frequencies heard together, "/" ms; 0 is silence, "!" is played once,
// and "Nx" before a cadence how often it is played. Where spandsp gives a choice of frequencies, the one of today.

export type Source = 'asterisk' | 'dahdi' | 'spandsp'
export type Published = { readonly [S in Source]?: string }
/** A tone that the profile has from elsewhere, or from one table against others, and why. */
export interface Choice extends Published {
  readonly why: string
}

export interface CountryTable {
  /** [on, off, …] of an ordinary ring, as Asterisk and dahdi give it. */
  readonly ring: string
  readonly tones: Readonly<Record<string, Published | Choice>>
}

const stutterOf = (hz: string): string => `${`!${hz}/100,!0/100,`.repeat(6)}${hz}`
const recallOf = (hz: string, ms = 100): string => `${`!${hz}/${ms},!0/${ms},`.repeat(3)}${hz}`
const both = (tone: string): Published => ({ asterisk: tone, dahdi: tone })
const all = (tone: string): Published => ({ asterisk: tone, dahdi: tone, spandsp: tone })
const own = (why: string): Choice => ({ why })

const sit = '950/330,1400/330,1800/330,0/1000'
const sitOnce = '!950/330,!1400/330,!1800/330,0'
/** 1/3 s. */
const sitThirds = '950/333,1400/333,1800/333,0/1000'
const confirmation = own('no table has it: three short bursts')
const error = own('no table has it: a refused code sounds like congestion, but ends')
const howler = own('no table has it; British exchanges use these frequencies')
const heard = { confirmation, error, howler }

export const toneTables: Readonly<Record<string, CountryTable>> = {
  fr: {
    ring: '1500,3500',
    tones: {
      ...heard,
      dial: all('440'),
      stutter: both(stutterOf('440')),
      special: own('none of them has it: 400/40 of ETSI TR 101 041-2'),
      recall: {
        ...both(recallOf('350+440')),
        spandsp: '330+440',
        why: 'marked "not specified" where it is 350+440, a pair of North America; 330+440 is the second French dial tone',
      },
      ringback: all('440/1500,0/3500'),
      busy: all('440/500,0/500'),
      congestion: both('440/250,0/250'),
      waiting: both('440/300,0/10000'),
      sit: {
        asterisk: '!950/330,!1400/330,!1800/330',
        dahdi: sitOnce,
        spandsp: '950/300,0/30,1400/300,0/30,1800/300,0/1000',
        why: 'spandsp has the gaps and the pause of E.180 Supplement 2; the others play it once without any',
      },
    },
  },
  de: {
    ring: '1000,4000',
    tones: {
      ...heard,
      dial: all('425'),
      stutter: own(
        'German exchanges have one special dial tone; messages are told by short bursts as in France',
      ),
      special: all('400+425'),
      recall: {
        ...both(recallOf('425')),
        why: 'marked "not specified" in both: 400/40 of ETSI TR 101 041-2',
      },
      ringback: {
        ...both('425/1000,0/4000'),
        spandsp: '425/250,0/4000,425/1000,0/4000,425/1000,0/4000',
        why: 'spandsp counts the short first ring of old exchanges',
      },
      busy: all('425/480,0/480'),
      congestion: all('425/240,0/240'),
      waiting: { ...both('5x425/200,0/200,425/200,0/5000'), spandsp: '425/200,0/200,425/200,0/5000' },
      sit: { ...both(sit), spandsp: sitThirds },
    },
  },
  uk: {
    ring: '400,200,400,2000',
    tones: {
      ...heard,
      dial: all('350+440'),
      stutter: both('350+440/750,440/750'),
      special: both('350+440/750,440/750'),
      recall: { dahdi: '350+440', why: 'Asterisk and spandsp have none; it is the dial tone, softer' },
      ringback: all('400+450/400,0/200,400+450/400,0/2000'),
      busy: all('400/375,0/375'),
      congestion: all('400/400,0/350,400/225,0/525'),
      waiting: both('400/100,0/4000'),
      confirmation: { asterisk: '1400', why: 'BT SIN 350 has it steady; one second of it is enough' },
      error: own('no table has it: a refused code sounds like busy, but ends'),
      sit: both('950/330,0/15,1400/330,0/15,1800/330,0/1000'),
    },
  },
  us: {
    ring: '2000,4000',
    tones: {
      ...heard,
      dial: all('350+440'),
      stutter: both(stutterOf('350+440')),
      special: {
        spandsp: recallOf('350+440'),
        why: 'no table has a tone for active services; it is the recall dial tone',
      },
      recall: all(recallOf('350+440')),
      ringback: all('440+480/2000,0/4000'),
      busy: all('480+620/500,0/500'),
      congestion: all('480+620/250,0/250'),
      waiting: {
        ...both('440/300,0/10000'),
        spandsp: '480+620/300,0/10000',
        why: 'spandsp has 440 Hz under PABX and a busy pair under call waiting; 440 is what Telcordia GR-506 has',
      },
      confirmation: {
        spandsp: '1x350+440/100,0/100,350+440/300',
        why: 'the others have none; the pause before dial tone is ours',
      },
      sit: {
        ...both(sitOnce),
        spandsp: '950/330,1400/330,1800/330',
        why: 'all three play it once, before an announcement that the box has not: it is repeated after 1 s',
      },
    },
  },
  es: {
    ring: '1500,3000',
    tones: {
      ...heard,
      dial: all('425'),
      stutter: {
        asterisk: stutterOf('425'),
        dahdi: '425/500,0/50',
        why: 'marked "not specified"; spandsp has none, and Asterisk differs from the special dial tone more clearly',
      },
      special: {
        spandsp: '425/1000,0/100',
        why: 'the others have none under this name',
      },
      recall: both(recallOf('425', 200)),
      ringback: all('425/1500,0/3000'),
      busy: all('425/200,0/200'),
      congestion: all('425/200,0/200,425/200,0/200,425/200,0/600'),
      waiting: all('425/175,0/175,425/175,0/3500'),
      sit: {
        ...both('950/330,0/1000'),
        spandsp: '950/330,0/30,1400/330,0/30,1800/330,0/1000',
        why: 'two have only the first of three frequencies, which ITU-T E.180 §7 does not know as this tone',
      },
    },
  },
  it: {
    ring: '1000,4000',
    tones: {
      ...heard,
      dial: { ...both('425/200,0/200,425/600,0/1000'), spandsp: '425/600,0/1000,425/200,0/200' },
      stutter: both('470/400,425/400'),
      special: both('470/400,425/400'),
      recall: both('470/400,425/400'),
      ringback: all('425/1000,0/4000'),
      busy: {
        ...both('425/500,0/500'),
        spandsp: '425/200,0/200',
        why: 'spandsp has one cadence for busy and congestion; E.180 Supplement 2 tells them apart',
      },
      congestion: both('425/200,0/200'),
      waiting: both('425/400,0/100,425/250,0/100,425/150,0/14000'),
      sit: {
        ...both(`${'!950/330,!1400/330,!1800/330,!0/1000,'.repeat(3)}0`),
        why: 'three times and then silence; the box repeats it',
      },
    },
  },
  be: {
    ring: '1000,3000',
    tones: {
      ...heard,
      dial: all('425'),
      stutter: both('425/1000,0/250'),
      special: both('425/1000,0/250'),
      recall: {
        ...both(recallOf('350+440')),
        why: 'marked "not specified" in both, with a pair of North America: the same bursts at 425 Hz',
      },
      ringback: all('425/1000,0/3000'),
      busy: all('425/500,0/500'),
      congestion: all('425/167,0/167'),
      waiting: both('1400/175,0/175,1400/175,0/3500'),
      sit: {
        ...both('900/330,1400/330,1800/330,0/1000'),
        spandsp: '900/333,1380/333,1860/333',
        why: 'spandsp has two frequencies that ITU-T E.180 §7 would not take (1400 ± 50, 1800 ± 50 Hz)',
      },
    },
  },
  ch: {
    ring: '1000,4000',
    tones: {
      ...heard,
      dial: all('425'),
      stutter: both('340+425/1100,0/1100'),
      special: both('340+425/1100,0/1100'),
      recall: both(recallOf('425')),
      ringback: all('425/1000,0/4000'),
      busy: all('425/500,0/500'),
      congestion: all('425/200,0/200'),
      waiting: both('425/200,0/200,425/200,0/4000'),
      sit: { ...both(sit), spandsp: sitThirds },
    },
  },
  nl: {
    ring: '1000,4000',
    tones: {
      ...heard,
      dial: all('425'),
      stutter: all('425/500,0/50'),
      special: all('425/500,0/50'),
      recall: {
        asterisk: '425/500,0/50',
        dahdi: recallOf('425'),
        why: 'marked "not specified" in both; the special dial tone would not tell that R was heard',
      },
      ringback: all('425/1000,0/4000'),
      busy: all('425/500,0/500'),
      congestion: all('425/250,0/250'),
      waiting: all('425/500,0/9500'),
      sit: { ...both(sit), spandsp: sitThirds },
    },
  },
}
