// Dropout: y = kept x where the random stream keeps the element, else 0.
//
// 1: a thread for each element, which draws four words and uses one.
// 2: a thread for each block of four elements, the granularity of Philox. The mask is never stored: backward draws it
//    again, 40 integer multiplications for four elements, against 4 bytes read and written for each.
#include "cortado.cuh"
#include "philox.cuh"

// Words: counter (element / 4, forward's lower half, its upper half, purpose and module), key seed; an element is kept
// where word >> 8 reaches the threshold. The number of the forward pass is read from the slot in a recorded step.
extern "C" __global__ void dropout(const float* x, float* y, unsigned n, unsigned long long seed, unsigned purposeAndModule,
                                   unsigned threshold, float kept, const long long* forwardSlot, long long forward) {
  unsigned long long pass = static_cast<unsigned long long>(stepLong(forwardSlot, forward));
  for (unsigned b = threadNumber(); b < (n + 3) / 4; b += threadCount()) {
    Words words = philox(b, static_cast<unsigned>(pass), static_cast<unsigned>(pass >> 32), purposeAndModule, seed);
    for (unsigned l = 0; l < 4; l++) {
      unsigned i = 4 * b + l;
      if (i < n) y[i] = words.of[l] >> 8 >= threshold ? x[i] * kept : 0.0f;
    }
  }
}
