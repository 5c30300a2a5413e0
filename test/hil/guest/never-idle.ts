// Keeps the guest's processor from sleeping, at the lowest priority there is (chrt --idle): with -icount a guest that sleeps
// takes its clock from the host, and one that never does counts nothing but its own instructions. Ends by a signal.

// Instructions on registers alone are what an emulated processor is quickest at: the less of the host a second takes.
for (let word = 1; ; ) {
  word ^= word << 13
  word ^= word >>> 17
  word ^= word << 5
  word ^= word << 13
  word ^= word >>> 17
  word ^= word << 5
  word ^= word << 13
  word ^= word >>> 17
  word ^= word << 5
  // It never is; but what nobody asks for is not reckoned (Marsaglia, Xorshift RNGs).
  if (word === 0) process.exit(1)
}
