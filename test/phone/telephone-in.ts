// One telephone in each situation there is, brought there the way a subscriber would.

import type { Situation } from '../../firmware/phone/situation.js'
import { Telephone } from './telephone.js'

const calling = () => new Telephone().lift().dial('0389000002')
const talking = () => calling().answered()
const consulting = () => talking().flash().hold('out-1')
const two = () => consulting().dial('0389000003').answered()

export const telephoneIn: Readonly<Record<Situation, () => Telephone>> = {
  idle: () => new Telephone(),
  'ringing-in': () => new Telephone().incoming(),
  'dial-tone': () => new Telephone().lift(),
  dialling: () => new Telephone().lift().dial('03'),
  'ringing-out': () => calling().progress(180),
  active: talking,
  'active+waiting': () => talking().incoming(),
  'waiting-only': () => talking().incoming().ended(),
  'consult-dial': consulting,
  'consult-ringing': () => consulting().dial('0389000003').progress(180),
  'consult-failed': () => consulting().dial('0389000003').failed(486),
  'active+held': two,
  'held-only': () => two().ended(),
  'recall-ringing': () => two().hangUp(),
  conference: () => two().flash().dial('3').resumed('out-1'),
  emergency: () => new Telephone().lift().dial('112').answered(),
  failed: () => calling().failed(486),
  'left-off-hook': () => new Telephone().lift().expire('first-digit').expire('busy-tone'),
}
