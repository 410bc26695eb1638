// The numbers of a recorded step, on the device: learning rate, update counts, Adam's corrections, dropout's passes, the
// loader's position. The kernels of the step read them from their slots; this one, the step's last, moves them on, so
// that the next launch of the same graph finds new ones and nothing is uploaded in between.
#include "cortado.cuh"

enum SlotKind { kFixed = 0, kCount = 1, kCorrection = 2 };

// As Slots.java writes it. `value` is what kernels read: the bits of a long or a double.
struct Slot {
  long long value;
  long long count;
  long long perStep;
  double beta;
  long long kind;
};

// beta^t by repeated squaring, product by product as StepNumber.Correction does it.
__device__ inline double power(double beta, long long t) {
  double result = 1.0;
  double square = beta;
  for (long long rest = t; rest > 0; rest >>= 1) {
    if (rest & 1) result = __dmul_rn(result, square);
    square = __dmul_rn(square, square);
  }
  return result;
}

extern "C" __global__ void advance(Slot* slots, unsigned n) {
  forEach(n, [=](unsigned i) {
    Slot s = slots[i];
    s.count += s.perStep;
    if (s.kind == kCount) s.value = s.count;
    if (s.kind == kCorrection) s.value = __double_as_longlong(__dadd_rn(1.0, -power(s.beta, s.count)));
    slots[i] = s;
  });
}

// Counts that are tensors, such as the batches that a normalisation has seen, are their own memory.
extern "C" __global__ void increment(long long* y, unsigned n, long long by) {
  forEach(n, [=](unsigned i) { y[i] += by; });
}
